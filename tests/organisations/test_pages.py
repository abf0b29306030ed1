"""Settings for administrators, organisations for superadmins."""

import pytest

from clinic.access.actor import THE_SYSTEM
from clinic.core.data.db import db
from clinic.organisations import queries
from clinic.organisations.models import Organisation
from tests.factories import book
from tests.pages import HTMX, fields, happened, is_whole_page, root_id, soup, text_of

LIST, NEW, SETTINGS = "/admin/organisations/", "/admin/organisations/new", "/admin/settings"
HILL = {
    "name": "Hill Clinic",
    "kind": "hospital",
    "country": "IE",
    "timezone": "Europe/Dublin",
    "phone": "01 234 5678",
    "email": "hello@hill.example",
    "emergency_number": "112",
    "address": "1 Hill Road",
}
RULES = {
    "minimum_notice_minutes": "30",
    "booking_horizon_days": "90",
    "cancel_notice_minutes": "0",
    "no_show_grace_minutes": "240",
    "approval_required": "y",
}


@pytest.fixture
def amir(signed_in, cast):
    return signed_in(cast.amir)


@pytest.fixture
def gita(signed_in, cast):
    return signed_in(cast.gita)


@pytest.fixture
def at(cast):
    return lambda what, place=None: f"{LIST}{place or cast.harbour}{what and '/' + what}"


def stored(app, read, organisation_id):
    with app.app_context():
        return read(organisation_id, THE_SYSTEM)


def wrong(answer):
    return [one["name"] for one in soup(answer).select("[aria-invalid=true]")]


def test_the_settings_are_those_of_the_own_house(amir, at):
    page = amir.get(SETTINGS)
    assert is_whole_page(page)
    assert fields(page, at("details"))["name"] == "Harbour Clinic"
    assert fields(page, at("details"))["timezone"] == "Europe/London"
    assert fields(page, at("rules"))["cancel_notice_minutes"] == "120"
    assert "14 Quay Street" in text_of(page)
    assert "Far Hospital" not in page.text
    assert soup(page).find("a", href=SETTINGS, attrs={"aria-current": "page"})
    assert soup(page).select("form[action$=deactivate]") == []


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_rules_are_saved(app, amir, at, cast, htmx):
    answer = amir.post(at("rules"), data=RULES, headers=HTMX if htmx else {})
    rules = stored(app, queries.rules, cast.harbour)
    assert (rules.booking_horizon_days, rules.no_show_grace_minutes) == (90, 240)
    assert (rules.approval_required, rules.auto_no_show) == (True, False)
    if htmx:
        assert (answer.status_code, root_id(answer)) == (200, "rules")
        assert happened(answer)["toast"]["text"] == "Saved."
    else:
        assert (answer.status_code, answer.location) == (303, SETTINGS)
        assert "Saved." in text_of(amir.get(SETTINGS))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minimum_notice_minutes", "10081"),
        ("minimum_notice_minutes", "-1"),
        ("booking_horizon_days", "0"),
        ("booking_horizon_days", "366"),
        ("cancel_notice_minutes", ""),
        ("no_show_grace_minutes", "soon"),
        ("no_show_grace_minutes", "9" * 400),
    ],
)
def test_a_rule_out_of_range_is_named(app, amir, at, cast, field, value):
    before = stored(app, queries.rules, cast.harbour)
    for headers in ({}, HTMX):
        answer = amir.post(at("rules"), data=RULES | {field: value}, headers=headers)
        assert (answer.status_code, wrong(answer)) == (422, [field])
        assert root_id(answer) == "rules" if headers else is_whole_page(answer)
    assert stored(app, queries.rules, cast.harbour) == before


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_the_order_of_ways_is_chosen(app, amir, at, cast, htmx):
    headers = HTMX if htmx else {}
    order = "email,sms,whatsapp"
    answer = amir.post(at("ways"), data={"channel_order": order}, headers=headers)
    assert answer.status_code == (200 if htmx else 303)
    assert stored(app, queries.rules, cast.harbour).channel_order == order
    assert fields(amir.get(SETTINGS), at("ways"))["channel_order"] == order
    wrong_one = amir.post(at("ways"), data={"channel_order": "email,email,sms"}, headers=headers)
    assert (wrong_one.status_code, wrong(wrong_one)) == (422, ["channel_order"])


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_details_are_saved(app, amir, at, cast, htmx):
    form = fields(amir.get(SETTINGS), at("details"))
    form |= {"name": "Harbour House", "phone": "020 7946 0199", "email": ""}
    answer = amir.post(at("details"), data=form, headers=HTMX if htmx else {})
    assert answer.status_code == (200 if htmx else 303)
    saved = stored(app, queries.details, cast.harbour)
    assert (saved.name, saved.phone, saved.email) == ("Harbour House", "+442079460199", None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Far Hospital"),
        ("kind", "bakery"),
        ("country", "XX"),
        ("timezone", "Mars/Base"),
        ("phone", "12"),
        ("email", "harbour"),
        ("emergency_number", "help"),
    ],
)
def test_wrong_details_are_named(app, amir, at, cast, field, value):
    form = fields(amir.get(SETTINGS), at("details"))
    answer = amir.post(at("details"), data=form | {field: value})
    assert (answer.status_code, wrong(answer)) == (422, [field])
    assert stored(app, queries.details, cast.harbour).name == "Harbour Clinic"


def test_the_zone_stays_while_visits_are_to_come(app, amir, at, cast):
    with app.app_context():
        book(cast.asha, cast.dr_chandra, "11:30")
    form = fields(amir.get(SETTINGS), at("details")) | {"timezone": "Europe/Paris"}
    for headers in ({}, HTMX):
        answer = amir.post(at("details"), data=form, headers=headers)
        assert (answer.status_code, wrong(answer)) == (409, ["timezone"])
        assert "their times would move" in text_of(answer)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_place_is_added(amir, at, htmx):
    headers = HTMX if htmx else {}
    added = amir.post(at("locations"), data={"place": "Pier", "address": "2 Pier"}, headers=headers)
    assert added.status_code == (200 if htmx else 303)
    assert "2 Pier" in text_of(amir.get(SETTINGS))
    again = amir.post(at("locations"), data={"place": "Pier", "address": "3 Pier"}, headers=headers)
    assert (again.status_code, wrong(again)) == (422, ["place"])
    empty = amir.post(at("locations"), data={"place": "", "address": ""}, headers=headers)
    assert (empty.status_code, wrong(empty)) == (422, ["place", "address"])


def test_another_house_is_not_found(app, amir, at, cast):
    for what, form in (("details", HILL), ("rules", RULES), ("locations", {"place": "x"})):
        assert amir.post(at(what, cast.elsewhere), data=form).status_code == 404
    assert amir.get(at("", cast.elsewhere)).status_code == 403
    assert stored(app, queries.details, cast.elsewhere).name == "Far Hospital"


def test_a_superadmin_sees_and_changes_all(app, gita, at, cast):
    page, part = gita.get(LIST), gita.get(LIST, headers=HTMX)
    assert (is_whole_page(page), root_id(part)) == (True, "organisations")
    assert {"Harbour Clinic", "Far Hospital"} <= {link.get_text() for link in soup(page)("a")}
    far = at("", cast.elsewhere)
    assert "Far Hospital" in text_of(gita.get(far))
    answer = gita.post(at("rules", cast.elsewhere), data=RULES)
    assert answer.location == far
    assert stored(app, queries.rules, cast.elsewhere).booking_horizon_days == 90


def test_pages_of_organisations(gita, monkeypatch):
    monkeypatch.setattr("clinic.organisations.views.PAGE", 1)
    first = gita.get(LIST)
    second = gita.get(soup(first).find(id="more")["href"])
    assert "Far Hospital" in text_of(first)
    assert "Harbour Clinic" in text_of(second)
    assert soup(second).find(id="more") is None


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_an_organisation_is_opened(app, gita, htmx):
    answer = gita.post(NEW, data=HILL, headers=HTMX if htmx else {})
    address = answer.headers["HX-Redirect"] if htmx else answer.location
    assert answer.status_code == (204 if htmx else 303)
    said = text_of(gita.get(address))
    for words in ("Hill Clinic", "1 Hill Road", "Invite its administrator next"):
        assert words in said
    with app.app_context():
        opened = db.session.query(Organisation).filter_by(name="Hill Clinic").one()
        assert (opened.phone, opened.timezone) == ("+35312345678", "Europe/Dublin")


@pytest.mark.parametrize(("field", "value"), [("name", "Harbour Clinic"), ("address", "")])
def test_a_wrong_new_one_is_named(gita, field, value):
    for headers in ({}, HTMX):
        answer = gita.post(NEW, data=HILL | {field: value}, headers=headers)
        assert (answer.status_code, wrong(answer)) == (422, [field])
        assert fields(answer, NEW)["timezone"] == "Europe/Dublin"


def test_closed_and_open_again(gita, client, at, cast):
    assert "Dr Hana Sato" in text_of(client.get("/"))
    closed = gita.post(at("deactivate", cast.elsewhere))
    assert "Closed" in text_of(gita.get(closed.location))
    assert "Dr Hana Sato" not in text_of(client.get("/"))
    gita.post(at("reactivate", cast.elsewhere))
    assert "Dr Hana Sato" in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("amir", {"/admin/users/", "/admin/settings", "/admin/health", "/board/"}),
        ("gita", {"/admin/users/", "/admin/organisations/", "/admin/health"}),
        ("esha", {"/board/"}),
        ("dr_chandra", {"/board/"}),
        ("asha", {"/appointments/"}),
    ],
)
def test_the_navigation_leads_to_what_is_theirs(signed_in, cast, who, seen):
    links = {one["href"] for one in soup(signed_in(cast.people[who]).get("/")).select(".nav a")}
    assert seen <= links
    manages = {link for link in links if link.startswith("/admin/")}
    assert manages == {link for link in seen if link.startswith("/admin/")}
