"""What the desk does to a visit names the person: a name alone may be two people's."""

from datetime import date

import pytest

from clinic.core.data.db import db
from clinic.patients.models import Patient
from tests.cast import at
from tests.factories import book, known_to, scheduled
from tests.pages import HTMX, fields, soup, text_of


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra, "10:00")
        db.session.get(Patient, visit.patient_id).birth_date = date(1988, 5, 17)
        db.session.commit()
        return visit


@pytest.mark.parametrize("page", ["cancel", "reschedule", "done"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_each_act_says_whom_it_is_about(signed_in, cast, visit, page, headers):
    answer = signed_in(cast.esha).get(f"/appointments/{visit.id}/{page}", headers=headers)
    assert f"{cast.asha.name}, born 17 May 1988" in text_of(answer)


def test_the_button_that_cancels_says_whom(signed_in, cast, visit):
    answer = signed_in(cast.esha).get(f"/appointments/{visit.id}/cancel")
    button = soup(answer).find("button", class_="btn-danger")
    assert button.get_text() == f"Cancel {cast.asha.name}, 10:00"


def test_patients_are_not_told_their_own_name(signed_in, cast, visit):
    answer = signed_in(cast.asha).get(f"/appointments/{visit.id}/cancel", headers=HTMX)
    assert cast.asha.name not in text_of(answer)
    assert "Cancel appointment" in text_of(answer)


def confirm_at_desk(client, cast, start="11:00", **more):
    choice = {"doctor": str(cast.dr_chandra.doctor_id), "start": at(start).isoformat()}
    query = {**choice, "patient": str(cast.asha.patient_id), **more}
    return client.get("/appointments/new", query_string=query)


@pytest.fixture
def known(app, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        db.session.remove()


@pytest.mark.usefixtures("known")
def test_the_form_speaks_of_the_person(signed_in, cast):
    said = text_of(confirm_at_desk(signed_in(cast.esha), cast))
    assert f"How should we remind {cast.asha.name}?" in said
    assert f"What is the appointment of {cast.asha.name} about? (required)" in said
    assert "remind you" not in said


@pytest.mark.usefixtures("known")
def test_its_errors_do_too(signed_in, cast):
    client = signed_in(cast.esha)
    form = fields(confirm_at_desk(client, cast), "/appointments/")
    answer = client.post("/appointments/", data={**form, "reason": "", "channel": ""})
    assert answer.status_code == 422
    said = text_of(answer)
    assert said.count(f"Say briefly what the appointment of {cast.asha.name} is about") == 2
    assert said.count(f"Choose how we should remind {cast.asha.name}") == 2
    assert " you" not in said.partition("There is a problem")[2].partition("A few words")[0]


def test_who_is_busy_then_is_named(app, signed_in, cast, visit):
    """Booked with another doctor, and moved there."""
    client = signed_in(cast.esha)
    choice = {"doctor": str(cast.dr_dev.doctor_id), "start": at("10:00").isoformat()}
    form = {**choice, "patient": str(cast.asha.patient_id), "reason": "Cough", "channel": "sms"}
    answer = client.post("/appointments/", data=form)
    assert answer.status_code == 409
    assert f"{cast.asha.name} has a visit at that time already." in text_of(answer)
    with app.app_context():
        book(cast.asha, cast.dr_dev, "11:00")
        db.session.remove()
    choice = {"start": at("11:00").isoformat()}
    moved = client.post(f"/appointments/{visit.id}/reschedule", data=choice)
    assert moved.status_code == 409
    assert f"{cast.asha.name} has a visit at that time already." in text_of(moved)


def test_a_second_visit_with_the_doctor_names_the_person(signed_in, cast, visit):
    said = text_of(confirm_at_desk(signed_in(cast.esha), cast, "11:30"))
    assert f"{cast.asha.name} has a visit with Dr Chandra Iyer on Mon 16 Nov, 10:00" in said


@pytest.mark.usefixtures("known")
def test_patients_are_spoken_to(signed_in, cast):
    said = text_of(confirm_at_desk(signed_in(cast.asha), cast))
    assert "How should we remind you?" in said
    assert "What is the appointment about? (required)" in said


def test_what_may_stay_empty_says_so(signed_in, cast):
    page = soup(signed_in(cast.esha).get("/patients/new"))
    marked = {one["for"]: one.get_text(" ", strip=True) for one in page.select("main label[for]")}
    assert marked["full_name"] == "Full name"
    assert page.find(id="full_name").has_attr("required")
    for name, said in (("date_of_birth", "Date of birth"), ("phone", "Phone"), ("email", "Email")):
        assert marked[name] == f"{said} (optional)"
