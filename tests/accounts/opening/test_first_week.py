"""A clinic from its sign-up to a slot that patients can book, by pages alone."""

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db
from clinic.messaging.models import Message
from tests.accounts.opening.test_clinic_signup import WELCOME, sign_up, to_do
from tests.pages import soup, text_of

DOCTOR = {"full_name": "Ines Okoro", "email": "ines@hill.example", "role": "doctor"}
PROFILE = {
    "specialisations": ["cardiology", ""],
    "licence_number": "GMC-7001",
    "languages": ["en", ""],
    "years_experience": "9",
    "bio": "Hearts of all ages.",
}
HOURS = {"days": ["0", "1", "2", "3", "4"], "start": "09:00", "end": "12:00", "slot_minutes": "30"}


def linked(page, words):
    return soup(page).find("a", string=words)["href"]


def test_the_first_steps_end_with_a_slot_that_can_be_booked(app, client):
    sign_up(client)
    welcome = client.get(WELCOME)
    invite = linked(welcome, "Invite a doctor")
    assert invite == "/admin/users/new?role=doctor"
    chosen = soup(client.get(invite)).select_one("select[name=role] option[selected]")
    assert chosen["value"] == "doctor"
    assert "No doctors yet" in text_of(client.get("/schedules/"))
    assert linked(client.get("/schedules/"), "Invite a doctor") == invite

    made = client.post(invite, data=DOCTOR)
    assert made.status_code == 303
    assert made.location.endswith("/profile")
    assert linked(client.get(WELCOME), "Fill in the profile") == made.location
    assert client.post(made.location, data=PROFILE | {"licence_number": ""}).status_code == 422

    saved = client.post(made.location, data=PROFILE)
    assert saved.status_code == 303
    assert "No hours yet" in text_of(client.get(saved.location))
    assert client.post(saved.location, data=HOURS).status_code == 303
    assert to_do(client.get(WELCOME)) == ["Look over the booking rules", "Invite the front desk"]
    page = app.test_client().get(linked(client.get(WELCOME), "See your first free slot"))
    assert "Dr Ines Okoro" in text_of(page)
    assert soup(page).select("#week a.slot")


def test_no_role_is_chosen_for_anybody(client):
    sign_up(client)
    page = soup(client.get("/admin/users/new"))
    assert page.select_one("select[name=role] option").get_text() == "Choose one"
    refused = client.post("/admin/users/new", data=DOCTOR | {"role": ""})
    assert refused.status_code == 422
    assert "Choose a role" in text_of(refused)


def test_a_doctor_without_a_profile_is_led_to_it(app, client):
    sign_up(client)
    client.post("/admin/users/new", data=DOCTOR | {"password": "some other long words"})
    doctor = app.test_client()
    doctor.post("/login", data={"email": DOCTOR["email"], "password": "some other long words"})
    address = linked_to_profile(doctor.get("/schedules/"))
    assert doctor.post(address, data=PROFILE).status_code == 303
    assert "You have no hours yet" in text_of(doctor.get("/schedules/"))
    with app.app_context():
        user = db.session.scalar(sa.select(User).filter_by(email=DOCTOR["email"]))
        assert str(user.id) in address
        assert not db.session.scalar(sa.select(Message).filter_by(template="invitation"))


def linked_to_profile(page):
    return soup(page).select_one("#main a[href$='/profile']")["href"]
