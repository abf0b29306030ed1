"""A clinic from its sign-up to a slot that patients can book, by pages alone."""

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.messaging.models import Message
from clinic.organisations import service as organisations
from tests.accounts.opening.test_clinic_signup import WELCOME, opened, sign_up, to_do
from tests.accounts.people.accounts_given import token_in
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


KNOWN = {"specialisations": ["cardiology"], "languages": ["en", "pl"], "licence_number": "GMC-7001"}
ANOTHER_PASSWORD = {"password": "some other long words"}


def invitation(app):
    """Where the link of the letter leads that went out."""
    with app.app_context():
        letter = db.session.scalars(sa.select(Message).filter_by(template="invitation")).one()
        return f"/invitation/{token_in(letter)}"


def chosen(page, name):
    return [one["value"] for one in soup(page).select(f"[name={name}] option[selected]")]


def test_what_the_invitation_says_waits_in_the_profile(app, client):
    sign_up(client)
    form = client.get("/admin/users/new?role=doctor")
    assert soup(form).select_one("details[open] [name=licence_number]")
    (place,) = soup(form).select("[name=location_id] option")  # the only one is chosen
    made = client.post("/admin/users/new", data=DOCTOR | KNOWN | {"location_id": place["value"]})
    assert made.status_code == 303
    assert linked(client.get(WELCOME), "Fill in the profile") == made.location

    doctor = app.test_client()
    accepted = doctor.post(invitation(app), data=ANOTHER_PASSWORD)
    assert accepted.location == made.location
    page = doctor.get(accepted.location)
    assert chosen(page, "specialisations") == ["cardiology", ""]
    assert chosen(page, "languages") == ["en", "pl", ""]
    assert soup(page).select_one("[name=licence_number]")["value"] == "GMC-7001"
    saved = doctor.post(accepted.location, data=KNOWN | {"years_experience": "9", "bio": ""})
    assert saved.status_code == 303
    assert "You have no hours yet" in text_of(doctor.get(saved.location))


def test_hours_begin_at_the_place_that_the_invitation_said(app, client):
    sign_up(client)
    organisation_id = opened(app).id
    with app.app_context():
        transactional(organisations.add_location)(
            organisation_id, "Second Street", "2 Second Street"
        )
    form = soup(client.get("/admin/users/new?role=doctor"))
    choices = {one.get_text(): one["value"] for one in form.select("[name=location_id] option")}
    assert choices["Not known yet"] == ""
    said = {"location_id": choices["Second Street"]}
    made = client.post("/admin/users/new", data=DOCTOR | said)
    saved = client.post(made.location, data=PROFILE)
    assert chosen(client.get(saved.location), "place") == [choices["Second Street"]]


def test_a_doctor_whose_profile_is_there_begins_with_the_day(app, client):
    sign_up(client)
    made = client.post("/admin/users/new", data=DOCTOR)
    client.post(made.location, data=PROFILE)
    accepted = app.test_client().post(invitation(app), data=ANOTHER_PASSWORD)
    assert not accepted.location.endswith("/profile")


def test_words_of_no_list_and_places_of_others_are_refused(app, client):
    sign_up(client)
    nowhere = "00000000-0000-0000-0000-000000000001"
    for name, value in (("specialisations", "phrenology"), ("languages", "xx")):
        refused = client.post("/admin/users/new", data=DOCTOR | {name: [value]})
        assert (refused.status_code, "Choose from the lists." in text_of(refused)) == (422, True)
    refused = client.post("/admin/users/new", data=DOCTOR | {"location_id": nowhere})
    assert (refused.status_code, "Choose a place" in text_of(refused)) == (422, True)
    # What stands there of somebody who is no doctor is of no use.
    assert (
        client.post("/admin/users/new", data=DOCTOR | KNOWN | {"role": "staff"}).status_code == 303
    )
