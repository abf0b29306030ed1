"""Pages ask with the number before anything is changed, and work without a script."""

import pytest

from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.accounts.people import users
from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.organisations.models import Organisation
from clinic.patients.models import PatientOrganisation
from clinic.patients.records import service as records
from clinic.schedules.models import Schedule
from tests.cast import TODAY, at
from tests.factories import book, known_to, scheduled
from tests.pages import soup, text_of


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        return scheduled(cast.asha, cast.dr_chandra, "10:30").id


def row(app, table, key):
    with app.app_context():
        return db.session.get(table, key)


def buttons(answer):
    return [one["value"] for one in soup(answer).select('button[name="visits"]')]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_doctor_who_leaves(app, cast, signed_in, visit, headers):
    amir = signed_in(cast.amir)
    url = f"/admin/users/{cast.dr_chandra.user_id}/deactivate"
    asked = amir.post(url, headers=headers)
    assert asked.status_code == 409
    assert "1 visit to come is booked: Chandra Iyer." in text_of(asked)
    assert "The first is on Mon 16 Nov, 10:30" in text_of(asked)
    assert buttons(asked) == ["move", "cancel", "keep"]
    assert row(app, User, cast.dr_chandra.user_id).is_active
    assert amir.post(url, data={"visits": "keep"}, headers=headers).status_code in (200, 303)
    assert not row(app, User, cast.dr_chandra.user_id).is_active
    assert row(app, Appointment, visit).status == "scheduled"


def test_another_role_asks_the_same_and_keeps_what_was_entered(app, cast, signed_in, visit):
    amir, url = signed_in(cast.amir), f"/admin/users/{cast.dr_chandra.user_id}"
    entered = {"full_name": "Chandra Iyer", "email": cast.dr_chandra.email, "role": "staff"}
    asked = amir.post(url, data={**entered, "phone": "+447700900010"})
    assert (asked.status_code, buttons(asked)) == (409, ["move", "cancel", "keep"])
    form = soup(asked).select_one('form:has(button[name="visits"])')
    kept = {one["name"]: one["value"] for one in form.select("input")}
    kept.pop("csrf_token", None)
    assert kept["role"] == "staff"
    assert amir.post(url, data={**kept, "visits": "move"}).status_code == 303
    assert row(app, User, cast.dr_chandra.user_id).role == Role.STAFF
    assert row(app, Appointment, visit).cancel_reason == "rescheduled"


def test_hours_that_end(app, cast, signed_in, visit):
    window = row(app, Appointment, visit).schedule_id
    chandra, url = signed_in(cast.dr_chandra), f"/schedules/{window}/withdraw"
    asked = chandra.post(url)
    assert (asked.status_code, buttons(asked)) == (409, ["move", "cancel", "keep"])
    assert row(app, Schedule, window).withdrawn_at is None
    assert chandra.post(url, data={"visits": "cancel"}).status_code == 303
    assert row(app, Schedule, window).withdrawn_at is not None
    assert row(app, Appointment, visit).cancel_reason == "hours_ended"


def test_a_clinic_that_closes(app, cast, signed_in, visit):
    gita, url = signed_in(cast.gita), f"/admin/organisations/{cast.harbour}/deactivate"
    asked = gita.post(url)
    assert (asked.status_code, buttons(asked)) == (409, ["cancel", "keep"])
    assert "1 visit to come is booked: Harbour Clinic." in text_of(asked)
    assert row(app, Organisation, cast.harbour).is_active
    assert gita.post(url, data={"visits": "cancel"}).status_code == 303
    assert not row(app, Organisation, cast.harbour).is_active
    assert row(app, Appointment, visit).cancel_reason == "organisation_closed"


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_death_that_another_clinic_noted(app, cast, signed_in, visit, headers):
    with app.app_context():
        known_to(cast.elsewhere, cast.asha)
        died = {"died_on": at("09:00").date()}
        records.update(cast.elsewhere, cast.asha.patient_id, died, cast.farid.actor)
    esha, url = signed_in(cast.esha), f"/patients/{cast.asha.patient_id}/death/confirm"
    asked = esha.post(url, headers=headers)
    assert (asked.status_code, buttons(asked)) == (409, ["cancel", "keep"])
    assert "1 visit to come is booked: Asha Rao." in text_of(asked)
    esha.post(url, data={"visits": "cancel"}, headers=headers)
    assert row(app, PatientOrganisation, (cast.asha.patient_id, cast.harbour)).died_on
    assert row(app, Appointment, visit).cancel_reason == "patient_died"


def test_the_desk_finds_them_and_hands_them_over(app, cast, signed_in, visit):
    esha = signed_in(cast.esha)
    assert "Every visit has its doctor" in text_of(esha.get("/board/left/"))
    with app.app_context():
        users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, "keep")
    page = esha.get("/board/left/")
    assert "Mon 16 Nov, 10:30" in text_of(page)
    assert "Asha Rao" in text_of(page)
    doctors = [one["value"] for one in soup(esha.get("/board/")).select("#doctor option")]
    assert str(cast.dr_chandra.doctor_id) in doctors
    url = f"/board/left/{visit}/hand-over"
    assert esha.post(url).status_code == 303
    told = esha.get("/board/left/")
    assert "Asha Rao now comes to Dr Dev Patel, Mon 16 Nov, 10:30." in text_of(told)
    assert "Every visit has its doctor" in text_of(told)


def test_where_no_colleague_is_free_the_page_says_so(app, cast, signed_in, visit):
    with app.app_context():
        users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, "keep")
        users.deactivate(cast.dr_dev.user_id, cast.amir.actor)
    told = signed_in(cast.esha).post(f"/board/left/{visit}/hand-over")
    assert told.status_code == 409
    assert "No colleague is free then." in text_of(told)


def test_their_patient_is_not_asked_to_confirm(app, cast, signed_in, visit):
    asha = signed_in(cast.asha)
    assert f"/appointments/{visit}/confirm" in asha.get("/appointments/").text
    with app.app_context():
        users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, "keep")
    page = asha.get("/appointments/")
    assert f"/appointments/{visit}/confirm" not in page.text
    assert "Please confirm" not in text_of(page)
    assert asha.post(f"/appointments/{visit}/confirm").status_code == 409


def test_who_left_and_has_no_visit_is_not_on_the_board(app, cast, signed_in):
    with app.app_context():
        book(cast.asha, cast.dr_dev, at("09:00", TODAY))
        users.deactivate(cast.dr_chandra.user_id, cast.amir.actor)
    doctors = [one["value"] for one in soup(signed_in(cast.esha).get("/board/")).select("option")]
    assert str(cast.dr_chandra.doctor_id) not in doctors
