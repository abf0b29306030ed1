"""A visitor makes an account of their own."""

import re
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.organisations.models import Organisation
from clinic.patients.models import Patient
from tests.pages import fields, soup, text_of

NEW = {
    "full_name": "Noor Aziz",
    "email": "Noor@Cast.Example",
    "phone": "+44 7400 123456",
    "password": "three small words",
}

# Four bytes in UTF-8 each, in no order that anybody would guess.
LONG = "".join(chr(0x1D400 + 37 * number % 600) for number in range(128))


@transactional
def close_the_far_one(cast):
    db.session.get(Organisation, cast.elsewhere).is_active = False


def sign_up(client, address="192.0.2.1", **changes):
    form = {**NEW, **changes}
    return client.post("/signup", data=form, environ_base={"REMOTE_ADDR": address})


def users(app, email="noor@cast.example"):
    with app.app_context():
        return db.session.scalars(sa.select(User).filter_by(email=email)).all()


def test_a_visitor_signs_up_and_is_signed_in(app, client):
    answer = sign_up(client)
    assert (answer.status_code, answer.location) == (303, "/appointments/")
    assert client.get("/appointments/").status_code == 200
    (user,) = users(app)
    assert (user.role, user.phone, user.organisation_id) == ("patient", "+447400123456", None)
    with app.app_context():
        person = db.session.scalars(sa.select(Patient).filter_by(user_id=user.id)).one()
        assert person.full_name == "Noor Aziz"


def test_the_new_password_opens_the_account(app, client):
    assert sign_up(client, password=LONG).status_code == 303
    for length, status in ((128, 303), (127, 422)):
        form = {"email": NEW["email"], "password": LONG[:length]}
        assert app.test_client().post("/login", data=form).status_code == status


def test_the_chosen_slot_is_waiting_after_signing_up(client, cast):
    slot = f"/appointments/new?doctor={cast.dr_chandra.doctor_id}&start=2026-11-16T09:00Z"
    page = client.get("/signup", query_string={"next": slot})
    assert "Dr Chandra Iyer" in text_of(page)
    assert fields(page, "/signup")["next"] == slot
    assert sign_up(client, next=slot).location == slot
    assert client.get(slot).status_code == 200


def test_next_stays_on_this_site(client):
    assert sign_up(client, next="//evil.example/").location == "/appointments/"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", "  "),
        ("full_name", "x" * 121),
        ("full_name", "Noor\x00Aziz"),
        ("full_name", "Noor\x1bAziz"),
        ("email", "noor"),
        ("email", "noor@"),
        ("email", "noor@cast.example\x00"),
        ("email", "n" * 250 + "@cast.example"),
        ("phone", ""),
        ("phone", "12"),
        ("phone", "07400 123456"),
        ("phone", "+44 740012345678"),
        ("phone", "call me"),
        ("phone", "+" + "4" * 40),
        ("password", "1234567"),
        ("password", "x" * 129),
        ("password", ""),
        ("password", "password1"),
        ("password", "noor@cast.example"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_is_kept(app, client, field, value):
    answer = sign_up(client, **{field: value})
    assert answer.status_code == 422
    wrong = [one["name"] for one in soup(answer).select("[aria-invalid=true]")]
    assert wrong == [field]
    kept = fields(answer, "/signup")
    typed = {**NEW, "email": "noor@cast.example"}  # as it is stored
    for name in {"full_name", "email", "phone"} - {field}:
        assert kept[name].replace(" ", "") == typed[name].replace(" ", "")
    assert not kept["password"]
    assert users(app) == []


@pytest.mark.parametrize("password", ["kW7pq9Zd", LONG], ids=["short", "long"])
def test_a_password_may_be_short_or_long(client, password):
    assert sign_up(client, password=password).status_code == 303


def test_a_local_number_is_read_where_all_clinics_are_in_one_country(app, client, cast):
    with app.app_context():
        close_the_far_one(cast)
    assert sign_up(client, phone="07400 123456").status_code == 303
    assert users(app)[0].phone == "+447400123456"


@pytest.mark.parametrize("is_proven", [True, False], ids=["proven", "second try"])
def test_details_of_somebody_else_make_no_account(app, client, cast, is_proven):
    if not is_proven:
        sign_up(app.test_client())
    taken = {"email": cast.asha.email} if is_proven else {}
    answer = sign_up(client, **taken)
    assert answer.status_code == 422
    page = soup(answer)
    assert [one["name"] for one in page.select("[aria-invalid=true]")] == ["email"]
    assert "That email address already belongs to an account." in text_of(answer)
    email = cast.asha.email if is_proven else "noor@cast.example"
    link = page.find("a", string=f"Log in with {email}")
    assert fields(client.get(link["href"]), "/login")["email"] == email
    assert len(users(app, cast.asha.email if is_proven else "noor@cast.example")) == 1
    assert client.get("/appointments/").status_code == 303


def test_the_time_that_was_chosen_goes_along_to_the_login(client, cast):
    slot = f"/appointments/new?doctor={cast.dr_chandra.doctor_id}&start=2026-11-16T09:00Z"
    answer = sign_up(client, email=cast.asha.email, next=slot)
    link = soup(answer).find("a", string=f"Log in with {cast.asha.email}")
    assert fields(client.get(link["href"]), "/login")["next"] == slot


@pytest.mark.parametrize("countries", [1, 2])
def test_examples_of_numbers_are_accepted_where_they_are_shown(app, client, cast, countries):
    if countries == 1:
        with app.app_context():
            close_the_far_one(cast)
    hint = soup(client.get("/signup")).find(id="phone-hint").text
    shown = re.search(r"\+?\d[\d ]+\d", hint)[0]
    assert shown.startswith("07400" if countries == 1 else "+44 7400")
    assert sign_up(client, phone=shown).status_code == 303


def test_who_books_for_somebody_else_reads_whom_to_call(app, client, cast):
    slot = f"/appointments/new?doctor={cast.dr_chandra.doctor_id}&start=2026-11-16T09:00Z"
    asked = "Booking for somebody else, such as a child or a parent?"
    for path in (slot, f"/signup?{urlencode({'next': slot})}"):
        page = client.get(path)
        assert f"{asked} Call Harbour Clinic: " in text_of(page)
        assert soup(page).find("a", href="tel:+442079460142")
    assert f"{asked} Call the clinic." in text_of(client.get("/signup"))  # there are two
    with app.app_context():
        close_the_far_one(cast)
    client.get("/")  # which looks again at what visitors read
    assert f"{asked} Call Harbour Clinic: " in text_of(client.get("/signup"))


def test_a_number_refuses_nobody(app, client, cast):
    """A couple shares one, also one that was proven; and a refusal would tell."""
    sign_up(app.test_client())
    assert sign_up(client, email="other@cast.example").status_code == 303
    third = sign_up(app.test_client(), email="third@cast.example", phone="+447700900000")
    assert third.status_code == 303  # Asha's, who has proven it


def test_asking_for_taken_details_again_and_again_waits(client, monday_morning):
    for number in range(5):
        taken = sign_up(client, email="asha@cast.example", phone=f"+4474001234{number}0")
        assert taken.status_code == 422
    answer = sign_up(client)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 3601
    monday_morning.shift(3601)
    assert sign_up(client).status_code == 303


def test_a_role_cannot_be_chosen(app, client):
    sign_up(client, role="superadmin", organisation_id="1", is_active="1")
    assert users(app)[0].role == "patient"


def test_whoever_is_signed_in_needs_no_account(app, signed_in, cast):
    client = signed_in(cast.asha)
    assert client.get("/signup").location == "/appointments/"
    assert sign_up(client).status_code == 303
    assert users(app) == []


def test_a_name_is_kept_in_one_form_of_unicode(app, client):
    sign_up(client, full_name="  Noe\u0308l  ")
    assert users(app)[0].full_name == "Noël"


def test_what_is_typed_is_kept_in_one_way(app, client):
    typed = {"full_name": "Noor\nAziz \u202e", "email": "Noor@B\u00fccher.Example"}
    assert sign_up(client, **typed).status_code == 303
    assert [one.full_name for one in users(app, "noor@xn--bcher-kva.example")] == ["Noor Aziz"]
    twin = {"email": "noor@xn--bcher-kva.example"}
    assert sign_up(app.test_client(), **twin).status_code == 422
