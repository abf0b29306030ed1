"""That everybody needs a code is asked for first, with how many it stops."""

from clinic.organisations import queries
from tests.factories import set_rules
from tests.pages import fields, soup, text_of

ON = {"two_factor_required": "y"}


def test_it_is_asked_first_and_says_how_many(app, signed_in, cast):
    client, url = signed_in(cast.amir), f"/admin/organisations/{cast.harbour}/security"
    answer = client.post(url, data=ON)
    assert answer.status_code == 409
    said = text_of(answer)
    assert "4 of 4 people have no app for codes yet" in said
    assert "You are one of them." in said
    assert "Nothing is changed yet." in said
    with app.app_context():
        assert not queries.rules(cast.harbour, cast.amir.actor).two_factor_required
    assert client.post(url, data=fields(answer, url)).status_code == 303
    with app.app_context():
        assert queries.rules(cast.harbour, cast.amir.actor).two_factor_required


def test_who_works_elsewhere_is_not_one_of_them(signed_in, cast):
    url = f"/admin/organisations/{cast.harbour}/security"
    answer = signed_in(cast.gita).post(url, data=ON, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "You are one of them" not in text_of(answer)
    assert soup(answer).find(id="security")


def test_to_switch_it_off_asks_nothing(app, signed_in, cast):
    with app.app_context():
        set_rules(cast.harbour, two_factor_required=True)
    url = f"/admin/organisations/{cast.harbour}/security"
    assert signed_in(cast.gita).post(url).status_code == 303
    with app.app_context():
        assert not queries.rules(cast.harbour, cast.gita.actor).two_factor_required


def test_it_stands_under_security_and_the_booking_rules_leave_it_alone(app, signed_in, cast):
    client = signed_in(cast.gita)
    with app.app_context():
        set_rules(cast.harbour, two_factor_required=True)
    page = client.get(f"/admin/organisations/{cast.harbour}")
    assert soup(page).select_one("#security input[name=two_factor_required][checked]")
    assert not soup(page).select_one("#rules input[name=two_factor_required]")
    url = f"/admin/organisations/{cast.harbour}/rules"
    assert client.post(url, data=fields(page, url)).status_code == 303
    with app.app_context():
        assert queries.rules(cast.harbour, cast.gita.actor).two_factor_required


def test_minutes_are_said_as_hours_and_days(app, signed_in, cast):
    with app.app_context():
        set_rules(cast.harbour, cancel_notice_minutes=10080, minimum_notice_minutes=120)
    said = text_of(signed_in(cast.amir).get("/admin/settings"))
    assert "That is 7 days." in said
    assert "That is 2 hours." in said
    assert "That is 15 minutes." in said
