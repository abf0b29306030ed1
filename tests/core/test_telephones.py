"""Every door asks the same of a telephone number, and says what is accepted."""

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.patients.models import Patient, PatientOrganisation
from tests.api.conftest import Caller
from tests.cast import PASSWORD
from tests.pages import fields, soup

SATELLITE, PREMIUM, DEAR = "+882161234567", "+449091234567", "+979123456789"
CARIBBEAN = "+18095550100"
NOWHERE = [SATELLITE, PREMIUM, DEAR]  # neither called nor texted
NOBODYS = [*NOWHERE, CARIBBEAN, "+88161234567"]
ASHAS = {"full_name": "Noor Aziz", "email": "noor@cast.example", "password": "three quiet harbours"}
STAFF = {"full_name": "Noor Aziz", "email": "noor@cast.example", "role": "staff"}
PLACE = {"name": "Hill Clinic", "kind": "clinic", "country": "GB", "timezone": "Europe/London"}
HILL = {**PLACE, "address": "1 Hill Road"}
LIST = "/patients/import"


@pytest.fixture
def by(app, cast):
    return lambda who: Caller(app, who and getattr(cast, who))


def ines(by):
    return by("esha").post("/patients", {"full_name": "Ines Gomes"}).get_json()["id"]


PROGRAMS = {
    "sign-up": lambda by, number: by(None).post("/auth/patient/signup", {**ASHAS, "phone": number}),
    "a clinic's own": lambda by, number: by(None).post(
        "/organisations/signup", {"organisation": PLACE, "admin": {**ASHAS, "phone": number}}
    ),
    "a new user": lambda by, number: by("amir").post("/users", {**STAFF, "phone": number}),
    "a user": lambda by, number: by("amir").patch(
        f"/users/{by.cast.esha.user_id}", {"phone": number}
    ),
    "one's own": lambda by, number: by("asha").patch(
        "/users/me", {"phone": number, "current_password": PASSWORD}
    ),
    "a patient": lambda by, number: by("esha").post(
        "/patients", {"full_name": "Ines Gomes", "phone": number}
    ),
    "a patient's change": lambda by, number: by("esha").patch(
        f"/patients/{ines(by)}", {"phone": number}
    ),
    "a profile": lambda by, number: by("asha").put(
        "/patients/me/profile", {"contact_number": number}
    ),
}


@pytest.mark.parametrize("number", NOBODYS)
@pytest.mark.parametrize("door", PROGRAMS)
def test_programs_hear_which_field_and_why(app, cast, by, door, number):
    by.cast = cast
    answer = PROGRAMS[door](by, number)
    assert answer.status_code == 400
    (wrong,) = answer.get_json()["errors"]
    assert wrong["field"].rpartition(".")[2] in ("phone", "contact_number")
    if number == CARIBBEAN:
        assert wrong["code"] == "phone_country"
        assert "GB (+44), IN (+91)" in wrong["message"]
    elif number in NOWHERE:
        assert wrong["code"] == "phone_kind"


@pytest.mark.parametrize("number", NOWHERE)
def test_nor_is_such_a_number_an_emergency_contact_or_an_organisation(by, cast, number):
    contact = {"name": "Ravi Rao", "phone": number}
    answer = by("asha").put("/patients/me/profile", {"emergency_contact": contact})
    assert [one["field"] for one in answer.get_json()["errors"]] == ["emergency_contact.phone"]
    answer = by("amir").patch(f"/organisations/{cast.harbour}", {"phone": number})
    assert [one["code"] for one in answer.get_json()["errors"]] == ["phone_kind"]


def test_who_is_called_and_never_texted_may_be_abroad(by, cast):
    contact = {"name": "Ravi Rao", "phone": CARIBBEAN}
    assert by("asha").put("/patients/me/profile", {"emergency_contact": contact}).status_code == 200
    service = {"phone": "0300 123 4567"}
    assert by("amir").patch(f"/organisations/{cast.harbour}", service).status_code == 200


def test_a_list_keeps_its_good_rows_and_tells_of_the_others(by):
    rows = [f"Somebody {number},{number}" for number in NOBODYS]
    listed = "\n".join(["name,phone", "Ines Gomes,07700 900055", *rows])
    answer = by("esha").post(LIST, data=listed, headers={"Content-Type": "text/csv"}).get_json()
    assert (answer["created"], len(answer["refused"])) == (1, len(NOBODYS))
    assert {one["field"] for one in answer["refused"]} == {"phone"}
    assert {one["code"] for one in answer["refused"]} <= {
        "phone_kind",
        "phone_country",
        "not_a_phone",
    }


@pytest.mark.parametrize("number", NOBODYS)
def test_pages_give_the_form_back(app, signed_in, cast, number):
    staff = {**STAFF, "phone": number}
    esha = f"/admin/users/{cast.esha.user_id}"
    amir = signed_in(cast.amir)
    for client, page, form in (
        (app.test_client(), "/signup", {**ASHAS, "phone": number}),
        (
            app.test_client(),
            "/signup/clinic",
            {**ASHAS, **HILL, "phone": number},
        ),
        (amir, "/admin/users/new", staff),
        (amir, esha, {**fields(amir.get(esha), esha), "phone": number}),
        (signed_in(cast.asha), "/account/phone", {"target": number, "password": PASSWORD}),
    ):
        answer = client.post(page, data=form)
        assert answer.status_code == 422, page
        wrong = [one["name"] for one in soup(answer).select("[aria-invalid=true]")]
        assert wrong == ["target" if page == "/account/phone" else "phone"], page


@transactional
def _kept_before() -> None:
    """As the last release took them."""
    for table, column in (
        (User, "phone"), (PatientOrganisation, "phone"),
        (Patient, "contact_number"), (Patient, "emergency_phone"),
    ):  # fmt: skip
        db.session.execute(sa.update(table).values({column: None}))
    rao = sa.update(User).where(User.email == "asha@cast.example").values(phone=SATELLITE)
    db.session.execute(rao)
    db.session.execute(sa.update(Patient).values(contact_number=CARIBBEAN, emergency_phone=PREMIUM))
    db.session.execute(sa.update(PatientOrganisation).values(phone=DEAR))


def test_numbers_of_before_stay_when_something_else_changes(app, by, cast, signed_in):
    patient = ines(by)
    with app.app_context():
        _kept_before()
        db.session.remove()
    asha, gita = by("asha"), by("gita")
    known = asha.get("/patients/me/profile").get_json()
    assert known["contact_number"] == CARIBBEAN
    sent = {name: known[name] for name in ("contact_number", "emergency_contact", "address")}
    sent["emergency_contact"]["name"] = "Ravi Rao"
    answer = asha.put("/patients/me/profile", sent | {"address": "14 Quay Street"})
    assert (answer.status_code, answer.get_json()["address"]) == (200, "14 Quay Street")
    desk = by("esha").patch(f"/patients/{patient}", {"phone": DEAR, "full_name": "Ines G. Gomes"})
    assert (desk.status_code, desk.get_json()["phone"]) == (200, DEAR)
    there = f"/users/{cast.asha.user_id}"
    changed = gita.patch(there, {"phone": SATELLITE, "full_name": "Asha R. Rao"})
    assert (changed.status_code, changed.get_json()["phone"]) == (200, SATELLITE)
    page = f"/admin{there}"
    client = signed_in(cast.gita)
    assert client.post(page, data=fields(client.get(page), page)).status_code == 303


def test_no_code_goes_to_a_number_that_is_no_longer_taken(app, signed_in, cast):
    with app.app_context():
        _kept_before()
        db.session.remove()
    answer = signed_in(cast.asha).post("/account/phone/verify")
    assert answer.status_code == 422
    assert "cost extra" in answer.text
