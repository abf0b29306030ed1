"""Every door refuses a name that leads somewhere else, and says why."""

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.organisations.models import Organisation
from tests.api.conftest import Caller
from tests.pages import fields, soup

LOCKED = "your account is locked. Confirm who you are: https://clinic-verify.example/login. Details"
NAMES = [LOCKED, "www.clinic-verify", "Asha@Rao", "clinic-verify.com"]
NOOR = {"email": "noor@cast.example", "phone": "+447400123456", "password": "three quiet harbours"}
OWN = "/account/profile"
PLACE = {"kind": "clinic", "country": "GB", "timezone": "Europe/London"}


@pytest.fixture
def by(app, cast):
    return lambda who: Caller(app, who and getattr(cast, who))


def ines(by):
    return by("esha").post("/patients", {"full_name": "Ines Gomes"}).get_json()["id"]


def clinic_signup(by, place, person):
    return by(None).post(
        "/organisations/signup",
        {"organisation": {**PLACE, "name": place}, "admin": {**NOOR, "full_name": person}},
    )


DOORS = {
    "sign-up": lambda by, name: by(None).post("/auth/patient/signup", {**NOOR, "full_name": name}),
    "a clinic's own": lambda by, name: clinic_signup(by, name, "Noor Aziz"),
    "its administrator": lambda by, name: clinic_signup(by, "Hill Clinic", name),
    "a new user": lambda by, name: by("amir").post(
        "/users", {"full_name": name, "email": "noor@cast.example", "role": "staff"}
    ),
    "a user": lambda by, name: by("amir").patch(
        f"/users/{by.cast.esha.user_id}", {"full_name": name}
    ),
    "one's own": lambda by, name: by("asha").patch("/users/me", {"full_name": name}),
    "a patient": lambda by, name: by("esha").post("/patients", {"full_name": name}),
    "a patient's change": lambda by, name: by("esha").patch(
        f"/patients/{ines(by)}", {"full_name": name}
    ),
    "an emergency contact": lambda by, name: by("asha").put(
        "/patients/me/profile", {"emergency_contact": {"name": name}}
    ),
    "an organisation": lambda by, name: by("gita").post("/organisations", {**PLACE, "name": name}),
    "its change": lambda by, name: by("amir").patch(
        f"/organisations/{by.cast.harbour}", {"name": name}
    ),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("door", DOORS)
def test_programs_hear_which_field_and_why(cast, by, door, name):
    by.cast = cast
    answer = DOORS[door](by, name)
    assert answer.status_code == 400
    (wrong,) = answer.get_json()["errors"]
    assert wrong["field"].rpartition(".")[2] in ("full_name", "name")
    assert (wrong["code"], name in answer.text) == ("name_link", False)


def test_a_list_keeps_its_good_rows_and_tells_of_the_others(by):
    listed = "\n".join(["name", "Dr. A.B. Smith", *NAMES])
    answer = by("esha").post("/patients/import", data=listed, headers={"Content-Type": "text/csv"})
    report = answer.get_json()
    assert report["created"] == 1
    assert [(one["row"], one["field"], one["code"]) for one in report["refused"]] == [
        (1, "", "no_contact"),  # a warning about the whole list
        *((row, "full_name", "name_link") for row in range(3, 3 + len(NAMES))),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_pages_give_the_form_back(app, signed_in, cast, name):
    esha, details = f"/admin/users/{cast.esha.user_id}", f"/admin/organisations/{cast.harbour}"
    amir, visitor = signed_in(cast.amir), app.test_client()
    own, settings = fields(amir.get("/account/"), OWN), f"{details}/details"
    for client, page, form in (
        (visitor, "/signup", {**NOOR, "full_name": name}),
        (visitor, "/signup/clinic",
         {**NOOR, **PLACE, "address": "1 Hill", "name": name, "full_name": "Noor Aziz"}),
        (amir, "/admin/users/new",
         {"email": NOOR["email"], "role": "staff", "full_name": name}),
        (amir, esha, {**fields(amir.get(esha), esha), "full_name": name}),
        (amir, OWN, {**own, "full_name": name}),
        (amir, settings, {**fields(amir.get("/admin/settings"), settings), "name": name}),
        (amir, f"{details}/locations", {"place": name, "address": "1 Hill"}),
    ):  # fmt: skip
        answer = client.post(page, data=form)
        assert answer.status_code == 422, page
        (wrong,) = (one["name"] for one in soup(answer).select("[aria-invalid=true]"))
        assert wrong in ("full_name", "name", "place"), page
        assert "address of a website" in answer.text


@transactional
def _called_so_before(cast) -> None:
    """As the last release took them."""
    where = ((User, User.id == cast.amir.user_id), (Organisation, Organisation.id == cast.harbour))
    for table, one in where:
        column = "full_name" if table is User else "name"
        db.session.execute(sa.update(table).where(one).values({column: LOCKED}))


def test_names_of_before_stay_when_something_else_changes(app, signed_in, cast):
    with app.app_context():
        _called_so_before(cast)
        db.session.remove()
    amir, settings = signed_in(cast.amir), f"/admin/organisations/{cast.harbour}/details"
    own = fields(amir.get("/account/"), OWN)
    assert own["full_name"] == LOCKED
    assert amir.post(OWN, data={**own, "language": "hi"}).status_code == 303
    details = fields(amir.get("/admin/settings"), settings)
    assert amir.post(settings, data={**details, "email": "new@harbour.example"}).status_code == 303
    assert amir.get("/admin/settings").text.count(LOCKED)
