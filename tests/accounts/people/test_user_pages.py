"""Users in the pages of administrators and superadmins."""

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.accounts.people import users
from clinic.accounts.sessions import browsers
from clinic.core.data.db import db
from clinic.messaging.models import Message
from tests.pages import HTMX, fields, happened, is_whole_page, root_id, soup, text_of

LIST, NEW = "/admin/users/", "/admin/users/new"
NOOR = {
    "full_name": "Noor Aziz",
    "email": "Noor@Cast.Example",
    "phone": "07400 123456",
    "role": "doctor",
}


@pytest.fixture
def amir(signed_in, cast):
    return signed_in(cast.amir)


@pytest.fixture
def gita(signed_in, cast):
    return signed_in(cast.gita)


def page_of(person):
    return f"{LIST}{person.user_id}"


def user(app, email="noor@cast.example"):
    with app.app_context():
        return db.session.scalar(sa.select(User).filter_by(email=email))


def names(answer):
    return {link.get_text() for link in soup(answer).select("#users td:first-child a")}


def wrong(answer):
    return [one["name"] for one in soup(answer).select("[aria-invalid=true]")]


def test_the_list_shows_the_own_house(amir):
    page, part = amir.get(LIST), amir.get(LIST, headers=HTMX)
    assert (page.status_code, is_whole_page(page), root_id(part)) == (200, True, "users")
    assert "HX-Request" in part.vary
    assert names(page) == names(part) == {"Chandra Iyer", "Dev Patel", "Esha Gill", "Amir Admin"}
    assert "Far Hospital" not in page.text
    assert soup(page).find("a", href=LIST, attrs={"aria-current": "page"})


def test_a_superadmin_sees_everybody_and_where_they_work(gita, cast):
    page = gita.get(LIST)
    assert {"Asha Rao", "Farid Khan", "Gita Root", "Esha Gill"} <= names(page)
    assert "Far Hospital" in text_of(page)
    assert names(gita.get(LIST, query_string={"organisation": cast.elsewhere})) == {
        "Hana Sato", "Farid Khan",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=esha", {"Esha Gill"}),
        ("role=doctor&state=active", {"Chandra Iyer", "Dev Patel"}),
        ("state=inactive", set()),
        ("q=zzzz", set()),
        ("organisation=nonsense&q=esha", {"Esha Gill"}),
    ],
)
def test_filters(amir, asked, found):
    page = amir.get(f"{LIST}?{asked}")
    assert names(page) == found
    assert ("No account" in text_of(page)) is not bool(found)


def test_pages(app, amir, cast, monkeypatch):
    monkeypatch.setattr("clinic.accounts.people.views.PAGE", 3)
    first = amir.get(f"{LIST}?state=active")
    more = soup(first).find(id="older")["href"]
    assert "state=active" in more
    second = amir.get(more)
    assert names(first) | names(second) == {"Chandra Iyer", "Dev Patel", "Esha Gill", "Amir Admin"}
    assert names(first) & names(second) == set()
    assert soup(second).find(id="older") is None
    assert amir.get(f"{LIST}?after=nonsense").status_code == 400


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_somebody_is_invited(app, amir, cast, htmx):
    answer = amir.post(NEW, data=NOOR, headers=HTMX if htmx else {})
    made = user(app)
    address = answer.headers["HX-Redirect"] if htmx else answer.location
    assert (answer.status_code, address) == (204 if htmx else 303, f"/doctors/{made.id}/profile")
    assert (made.role, made.organisation_id, made.phone) == (
        "doctor",
        cast.harbour,
        "+447400123456",
    )
    said = text_of(amir.get(address))
    assert "The invitation is on its way" in said
    assert "Send a new invitation" in text_of(amir.get(f"{LIST}{made.id}"))
    with app.app_context():
        letter = db.session.scalars(sa.select(Message).filter_by(template="invitation")).one()
        assert letter.address == "noor@cast.example"


def test_the_form_offers_the_roles_of_the_house(amir, gita):
    def offered(client):
        return {one["value"] for one in soup(client.get(NEW)).select("#role option")}

    assert offered(amir) == {"", "admin", "staff", "doctor"}
    assert offered(gita) == {"", "superadmin", "admin", "staff", "doctor", "patient"}
    assert soup(amir.get(NEW)).find(id="organisation_id") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", " "),
        ("full_name", "x" * 121),
        ("email", "noor"),
        ("email", "dr.dev@cast.example"),
        ("phone", "12"),
        ("phone", "+44 7700 900011"),
        ("role", "superadmin"),
        ("role", ""),
        ("password", "short"),
        ("password", "password1"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_is_kept(app, amir, field, value):
    for headers in ({}, HTMX):
        answer = amir.post(NEW, data={**NOOR, field: value}, headers=headers)
        assert (answer.status_code, wrong(answer)) == (422, [field])
        assert "There is a problem" in text_of(answer)
        kept = fields(answer, NEW) | {"role": "doctor", "password": ""}
        for name in NOOR.keys() - {field}:
            assert kept[name].replace(" ", "")[-6:] == NOOR[name].replace(" ", "")[-6:]
    assert user(app) is None


def test_a_superadmin_says_where(app, gita, cast):
    assert wrong(gita.post(NEW, data=NOOR | {"phone": ""})) == ["organisation_id"]
    there = NOOR | {"organisation_id": cast.elsewhere, "phone": "98765 43210"}
    assert gita.post(NEW, data=there).status_code == 303
    assert user(app).organisation_id == cast.elsewhere
    assert user(app).phone == "+919876543210"


def test_a_superadmin_belongs_nowhere_whatever_the_list_stood_at(app, gita, cast):
    root = NOOR | {"role": "superadmin", "organisation_id": cast.harbour, "phone": ""}
    assert gita.post(NEW, data=root).status_code == 303
    assert user(app).organisation_id is None


def test_an_account_is_changed(app, amir, cast):
    address = page_of(cast.esha)
    form = fields(amir.get(address), address)
    assert (form["full_name"], form["phone"]) == ("Esha Gill", "+447700900020")
    form |= {"full_name": "Esha Hill", "phone": "", "role": "admin"}
    answer = amir.post(address, data=form)
    assert (answer.status_code, answer.location) == (303, address)
    assert "Saved." in text_of(amir.get(address))
    changed = user(app, cast.esha.email)
    assert (changed.full_name, changed.phone, changed.role) == ("Esha Hill", None, "admin")


def test_htmx_gets_the_account_back(amir, cast):
    address = page_of(cast.esha)
    form = fields(amir.get(address), address) | {"full_name": "Esha Hill"}
    answer = amir.post(address, data=form, headers=HTMX)
    assert (answer.status_code, root_id(answer)) == (200, "user")
    assert happened(answer)["toast"]["text"] == "Saved."
    form["email"] = "dr.dev@cast.example"
    refused = amir.post(address, data=form, headers=HTMX)
    assert (refused.status_code, root_id(refused), wrong(refused)) == (422, "user", ["email"])


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_in_and_out(app, amir, cast, htmx):
    headers = HTMX if htmx else {}
    with app.app_context():
        token = browsers.open_session(cast.esha.user_id, None)
    for act, said in (
        ("end-sessions", "Log them out everywhere"),
        ("deactivate", "Let them log in again"),
        ("reactivate", "Deactivate"),
    ):
        answer = amir.post(f"{page_of(cast.esha)}/{act}", headers=headers)
        assert answer.status_code == (200 if htmx else 303)
        page = answer if htmx else amir.get(answer.location)
        assert said in text_of(page)
        with app.app_context():
            assert browsers.load(token) is None
    assert user(app, cast.esha.email).is_active


def test_an_invitation_is_sent_again(app, amir, cast):
    amir.post(NEW, data=NOOR)
    address = f"{LIST}{user(app).id}"
    assert amir.post(f"{address}/invite").status_code == 303
    with app.app_context():
        letters = db.session.scalars(sa.select(Message).filter_by(template="invitation")).all()
    assert len(letters) == 2
    again = amir.post(f"{page_of(cast.esha)}/invite")
    assert (again.status_code, "There is a problem" in text_of(again)) == (409, True)


def test_nobody_locks_themselves_out(app, amir, cast):
    page = amir.get(page_of(cast.amir))
    assert "your own account" in text_of(page)
    assert soup(page).select("form[action$=deactivate]") == []
    form = fields(page, page_of(cast.amir))
    assert amir.post(page_of(cast.amir), data=form | {"full_name": "Amir A"}).status_code == 303
    for headers in ({}, HTMX):
        refused = amir.post(page_of(cast.amir), data=form | {"role": "staff"}, headers=headers)
        assert refused.status_code == 409
        assert "Ask another administrator" in text_of(refused)
    assert amir.post(f"{page_of(cast.amir)}/deactivate").status_code == 409
    assert user(app, cast.amir.email).full_name == "Amir A"


def test_the_last_administrator_stays(app, gita, cast):
    refused = gita.post(f"{page_of(cast.amir)}/deactivate")
    assert refused.status_code == 409
    assert "Make another administrator first" in text_of(refused)
    assert user(app, cast.amir.email).is_active


def test_a_superadmin_moves_to_one_house(app, gita, cast):
    gita.post(NEW, data=NOOR | {"role": "superadmin", "phone": ""})
    address = f"{LIST}{user(app).id}"
    form = fields(gita.get(address), address)
    assert wrong(gita.post(address, data=form | {"role": "staff"})) == ["organisation_id"]
    form |= {"role": "staff", "organisation_id": cast.elsewhere}
    assert gita.post(address, data=form).status_code == 303
    assert user(app).organisation_id == cast.elsewhere


def test_a_patient_keeps_the_role(app, gita, cast):
    address = page_of(cast.asha)
    page = gita.get(address)
    assert soup(page).find(id="role") is None
    form = fields(page, address) | {"full_name": "Asha Rao-Singh", "role": "superadmin"}
    assert gita.post(address, data=form).status_code == 303
    assert user(app, cast.asha.email).role == "patient"


def test_an_invited_doctor_without_a_profile_can_look_around(app, signed_in, gita, cast):
    """Their account is there before they said what they treat."""
    gita.post(NEW, data=NOOR | {"organisation_id": cast.harbour})
    made = user(app)
    with app.app_context():
        token = browsers.open_session(made.id, None)
    doctor = app.test_client()
    with doctor.session_transaction() as cookie:
        cookie["_user_id"] = token
    for address in ("/", "/board/", "/schedules/"):
        assert doctor.get(address).status_code == 200, address


def test_names_are_text(amir, app):
    amir.post(NEW, data=NOOR | {"full_name": "<b>Noor</b>"})
    page = amir.get(LIST)
    assert "<b>Noor" not in page.text
    assert "<b>Noor</b>" in names(page)


def test_a_search_meets_the_wildcards_as_letters(app, amir, cast):
    with app.app_context():
        users.update(cast.esha.user_id, {"full_name": "100% Esha"}, cast.amir.actor)
    assert names(amir.get(LIST, query_string={"q": "0%"})) == {"100% Esha"}
