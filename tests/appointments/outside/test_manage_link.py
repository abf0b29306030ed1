"""The manage link in every message: one visit, for whoever holds it, until it is over."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from clinic.appointments.outside import links
from clinic.core import clock
from tests.cast import at
from tests.factories import book, fresh, scheduled, set_rules, take
from tests.pages import fields, soup, text_of

PERSONAL = ("Asha", "Rao", "Blood", "Cardiology", "cast.example", "7700900000", "7700 900000")


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        return scheduled(cast.asha, cast.dr_chandra, "11:00")


@pytest.fixture
def link(app, visit):
    with app.app_context():
        return f"/visit/{links.token_of(visit.id)}"


def status_of(app, visit):
    with app.app_context():
        return fresh(visit).status


def version_of(app, visit):
    with app.app_context():
        return fresh(visit).version


def test_it_opens_the_visit_without_signing_in(client, visit, link):
    answer = client.get(link)
    words = text_of(answer)
    for said in ("Please confirm", visit.code, "11:00 to 11:30", "Mon 16 Nov", "Dr Chandra Iyer",
                 "Harbour Clinic", "Quay Street", "020 7946 0142"):  # fmt: skip
        assert said in words
    assert soup(answer).find("meta", {"name": "robots"})["content"] == "noindex"
    assert soup(answer).find("script", src=lambda src: "htmx" in src) is None


def test_looking_changes_nothing(app, client, visit, link):
    before = version_of(app, visit)
    for path in ("", "/cancel", "/calendar.ics"):
        assert client.get(link + path).status_code == 200
        assert client.head(link + path).status_code == 200
    assert client.get(f"{link}/confirm").status_code == 405
    assert (status_of(app, visit), version_of(app, visit)) == ("scheduled", before)


def test_confirming(app, client, visit, link):
    form = fields(client.get(link), f"{link}/confirm")
    answer = client.post(f"{link}/confirm", data=form)
    assert (answer.status_code, answer.location) == (303, link)
    assert status_of(app, visit) == "confirmed"
    page = client.get(link)
    assert soup(page).h1.get_text() == "You are confirmed"
    assert soup(page).find("form", action=f"{link}/confirm") is None


def test_cancelling_is_asked_for_on_a_page_of_its_own(app, client, visit, link):
    assert soup(client.get(link)).find("a", href=f"{link}/cancel")
    asked = client.get(f"{link}/cancel")
    assert soup(asked).find("a", href=link).get_text() == "Keep it"
    answer = client.post(f"{link}/cancel", data=fields(asked, f"{link}/cancel"))
    assert (answer.status_code, answer.location) == (303, link)
    with app.app_context():
        now = fresh(visit)
        assert (now.status, now.cancel_reason) == ("cancelled", "by_patient")
    page = client.get(link)
    assert soup(page).h1.get_text() == "Your appointment is cancelled"
    assert soup(page).find("form") is None
    assert soup(client.get(f"{link}/cancel")).find("button") is None


@pytest.mark.parametrize("step", ["confirm", "cancel"])
def test_pressed_twice_it_says_how_the_visit_stands(app, client, visit, link, step):
    client.post(f"{link}/{step}")
    before = version_of(app, visit)
    again = client.post(f"{link}/{step}")
    assert (again.status_code, again.location) == (303, link)
    assert version_of(app, visit) == before


def test_a_cancelled_visit_cannot_be_confirmed(app, client, visit, link):
    client.post(f"{link}/cancel")
    assert client.post(f"{link}/confirm", follow_redirects=True).status_code == 200
    assert status_of(app, visit) == "cancelled"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_the_link_works_without_cookies(app, visit, link, told):
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client(use_cookies=False)
    assert "Set-Cookie" not in client.get(link).headers
    for step, status in (("confirm", "confirmed"), ("cancel", "cancelled")):
        assert client.post(f"{link}/{step}", headers=told).status_code == 303
        assert status_of(app, visit) == status


@pytest.mark.parametrize(
    "told",
    [
        {"Origin": "https://evil.example"},
        {"Referer": "https://evil.example/page"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
def test_another_site_does_nothing_with_a_link(app, client, visit, link, told):
    for step in ("confirm", "cancel", "reschedule"):
        answer = client.post(f"{link}/{step}", headers=told, data={"start": "2026-11-17T10:00Z"})
        assert answer.status_code == 403
        assert "Open your link" in text_of(answer)
    assert status_of(app, visit) == "scheduled"


def test_too_late_to_cancel_says_whom_to_call(app, client, visit, link):
    with clock.travelled(at("10:00")):
        for page in (client.get(link), client.get(f"{link}/cancel")):
            assert "please call 020 7946 0142" in text_of(page)
            assert soup(page).find("a", href=f"{link}/cancel") is None
            assert soup(page).find(class_="btn-danger") is None
        assert client.post(f"{link}/cancel").status_code == 409
    assert status_of(app, visit) == "scheduled"


def test_in_the_visit_nothing_can_be_changed_any_more(client, link):
    with clock.travelled(at("11:10")):
        assert soup(client.get(link)).find("form") is None


@pytest.mark.parametrize("path", ["", "/cancel", "/calendar.ics"])
def test_it_dies_with_the_visit(client, link, path):
    with clock.travelled(at("11:30") - timedelta(seconds=1)):
        assert client.get(link + path).status_code == 200
    with clock.travelled(at("11:30")):
        answer = client.get(link + path)
        assert answer.status_code == 404
        assert "no longer valid" in text_of(answer)
        assert client.post(f"{link}/confirm").status_code == 404
        assert client.post(f"{link}/cancel").status_code == 404


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda token: token[:-1],
                                    lambda token: token + "A", lambda token: "x"])  # fmt: skip
def test_a_wrong_token_opens_nothing(app, client, visit, link, change):
    token = link.rpartition("/")[2]
    for path in ("", "/cancel", "/calendar.ics"):
        answer = client.get(f"/visit/{change(token)}{path}")
        assert answer.status_code == 404
        assert visit.code not in answer.text
    assert client.post(f"/visit/{change(token)}/cancel").status_code == 404
    assert status_of(app, visit) == "scheduled"


def test_each_visit_has_a_link_of_its_own(app, client, cast, visit, link):
    with app.app_context():
        other = scheduled(cast.bela, cast.dr_dev)
    client.post(f"{link}/cancel")
    assert status_of(app, other) == "scheduled"


@pytest.mark.parametrize("steps", [(), ("confirm",), ("check_in",), ("check_in", "start"),
                                   ("check_in", "start", "complete"), ("cancel",)])  # fmt: skip
def test_no_page_says_who_or_why(app, client, cast, visit, link, steps):
    with app.app_context():
        take(visit, *steps, by=cast.dr_chandra)
    for path in ("", "/cancel", "/calendar.ics"):
        answer = client.get(link + path)
        assert answer.status_code == 200
        assert [word for word in PERSONAL if word in answer.text] == []


def test_nor_to_somebody_who_is_signed_in(signed_in, cast, link):
    for person in (cast.asha, cast.esha):
        answer = signed_in(person).get(link)
        assert [word for word in (*PERSONAL, person.name) if word in answer.text] == []


def test_a_request_says_that_it_waits(app, client, cast):
    with app.app_context():
        set_rules(cast.harbour, approval_required=True)
        token = links.token_of(book(cast.asha, cast.dr_chandra, "11:00").id)
    page = client.get(f"/visit/{token}")
    assert soup(page).h1.get_text() == "Your request"
    assert soup(page).find("form", action=f"/visit/{token}/confirm") is None
    assert soup(page).find("a", href=f"/visit/{token}/cancel")


def test_the_calendar_file_holds_the_visit(client, visit, link):
    assert soup(client.get(link)).find("a", href=f"{link}/calendar.ics")
    answer = client.get(f"{link}/calendar.ics")
    assert answer.mimetype == "text/calendar"
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert (event["dtstart"].dt, str(event["uid"])) == (at("11:00"), f"{visit.id}@clinic")
