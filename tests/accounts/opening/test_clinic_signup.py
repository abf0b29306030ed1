"""A clinic opens itself, and its administrator takes the first steps."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.models import User
from clinic.accounts.people import users
from clinic.core.data.db import db
from clinic.organisations import queries
from clinic.organisations import service as organisations
from clinic.organisations.models import Organisation
from tests.pages import fields, soup, text_of

PAGE, WELCOME = "/signup/clinic", "/admin/welcome"
HILL = {
    "name": "Hill Clinic",
    "kind": "clinic",
    "country": "GB",
    "timezone": "Europe/London",
    "address": "1 Hill Road",
    "full_name": "Noor Aziz",
    "email": "Noor@Hill.Example",
    "phone": "+44 7400 123456",
    "password": "three small words",
}


def sign_up(client, came_from="192.0.2.1", **changes):
    return client.post(PAGE, data=HILL | changes, environ_base={"REMOTE_ADDR": came_from})


def opened(app, name="Hill Clinic"):
    with app.app_context():
        return db.session.scalar(sa.select(Organisation).filter_by(name=name))


def to_do(answer):
    return [
        one.h3.get_text()
        for one in soup(answer).select("#main ol.list > li")
        if one.select_one(".badge").get_text() == "To do"
    ]


def test_a_clinic_opens_and_its_administrator_is_signed_in(app, client):
    answer = sign_up(client)
    assert (answer.status_code, answer.location) == (303, WELCOME)
    assert "Welcome to Hill Clinic" in text_of(client.get(WELCOME))
    hill = opened(app)
    assert (hill.kind, hill.country, hill.emergency_number) == ("clinic", "GB", "999")
    with app.app_context():
        admin = db.session.scalar(sa.select(User).filter_by(email="noor@hill.example"))
        assert (admin.role, admin.organisation_id, admin.phone) == (
            "admin", hill.id, "+447400123456",
        )  # fmt: skip
        assert [place.address for place in queries.places_of(hill.id)] == ["1 Hill Road"]
        assert queries.rules(hill.id, THE_SYSTEM).booking_horizon_days == 56
    login = {"email": HILL["email"], "password": HILL["password"]}
    assert app.test_client().post("/login", data=login).status_code == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Harbour Clinic"),
        ("kind", "bakery"),
        ("country", "XX"),
        ("timezone", ""),
        ("timezone", "Mars/Base"),
        ("address", ""),
        ("full_name", ""),
        ("email", "noor"),
        ("email", "asha@cast.example"),
        ("phone", "12"),
        ("password", "1234567"),
        ("password", "password1"),
        ("password", "Hill Clinic"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_opened(app, client, field, value):
    answer = sign_up(client, **{field: value})
    assert answer.status_code == 422
    assert [one["name"] for one in soup(answer).select("[aria-invalid=true]")] == [field]
    kept = fields(answer, PAGE)
    assert not kept["password"]
    typed = {**HILL, "email": "noor@hill.example"}  # as it is stored
    for name in {"name", "address", "full_name", "email"} - {field}:
        assert kept[name] == typed[name]
    assert opened(app) is None
    with app.app_context():
        assert db.session.scalar(sa.select(User).filter_by(full_name="Noor Aziz")) is None


def test_where_clinics_may_not_there_is_no_page(app, client, monkeypatch):
    assert soup(client.get("/")).find("a", href=PAGE)
    closed = app.config["SETTINGS"].model_copy(update={"allow_clinic_signup": False})
    monkeypatch.setitem(app.config, "SETTINGS", closed)
    assert client.get(PAGE).status_code == 404
    assert sign_up(client).status_code == 404
    assert opened(app) is None
    assert soup(client.get("/")).find("a", href=PAGE) is None


def test_nobody_opens_clinics_by_the_dozen(app, client):
    for number in range(5):
        changes = {
            "name": f"Clinic {number}",
            "email": f"n{number}@hill.example",
            "phone": f"+4474001234{number}0",
        }
        assert sign_up(app.test_client(), **changes).status_code == 303
    assert sign_up(client).status_code == 429
    assert sign_up(client, came_from="192.0.2.2").status_code == 303


def test_whoever_is_signed_in_opens_none(app, signed_in, cast):
    client = signed_in(cast.asha)
    assert client.get(PAGE).status_code == 303
    assert sign_up(client).status_code == 303
    assert opened(app) is None


def test_the_first_steps_are_ticked_off_as_they_happen(app, client, signed_in, cast):
    sign_up(client)
    todo = to_do(client.get(WELCOME))
    assert todo == [
        "Look over the booking rules", "Invite your doctors", "Fill in their profile",
        "Publish hours", "Invite the front desk",
    ]  # fmt: skip
    hill = opened(app)
    with app.app_context():
        admin = db.session.scalar(sa.select(User).filter_by(organisation_id=hill.id))
        actor = replace(cast.amir.actor, user_id=admin.id, organisation_id=hill.id)
        rules = {"approval_required": True}
        organisations.update_settings(hill.id, rules, actor)
        for role in ("doctor", "staff"):
            email = f"{role}@hill.example"
            new = users.newcomers.NewUser(role, f"Some {role}", email)
            users.newcomers.create_managed(new, actor)
    assert to_do(client.get(WELCOME)) == ["Fill in their profile", "Publish hours"]
    assert to_do(signed_in(cast.amir).get(WELCOME)) == ["Look over the booking rules"]
