"""Somebody calls: found, read, registered, corrected."""

from datetime import date

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.patients.models import Patient
from clinic.patients.people import queries, service
from clinic.patients.people.service import Contact
from clinic.patients.records import service as records
from tests.cast import at
from tests.conftest import client_of
from tests.factories import book, known_to
from tests.questions import asked

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(app, cast):
    return client_of(app, cast.esha)


def words(answer):
    return " ".join(answer.get_data(as_text=True).split())


def new_person(app, cast, name="Maya Ellison", **contact):
    with app.app_context():
        made = transactional(service.register)(
            cast.harbour, name, Contact(**contact), cast.esha.actor, date(1988, 5, 17)
        ).id
        db.session.remove()
    return made


def visit_of_asha(app, cast):
    with app.app_context():
        visit = book(cast.asha, cast.dr_chandra, "09:00")
        found = visit.id, visit.code
        db.session.remove()
    return found


def test_a_caller_is_told_the_next_visit(app, cast, desk):
    visit_id, code = visit_of_asha(app, cast)
    for text in ("rao asha", "07700 900000", code.lower()):
        said = words(desk.get("/patients/", query_string={"q": text}))
        assert f'href="/patients/{cast.asha.patient_id}"' in said
        assert "born 17 May 1984" in said
        assert 'href="tel:+447700900000"' in said
        assert "Next visit: Mon 16 Nov, 09:00 to 09:30, Dr Chandra Iyer, Quay Street" in said
        assert f'href="/appointments/{visit_id}/reschedule"' in said
        assert f'href="/appointments/{visit_id}/cancel"' in said
        assert f"patient={cast.asha.patient_id}" in said


def test_the_count_alone_is_read_out(desk, app, cast):
    new_person(app, cast)
    page = words(desk.get("/patients/?q=ellison"))
    assert 'id="people-count" class="small muted" role="status">1 patient</p>' in page
    assert 'id="people" class="stack">' in page
    part = words(desk.get("/patients/?q=ellison", headers=HTMX))
    assert '<span id="people-count" hx-swap-oob="innerHTML">1 patient</span>' in part
    assert "<html" not in part
    assert 'id="top-count"' in words(desk.get("/patients/?q=ellison&top=1", headers=HTMX))


def test_a_list_says_how_many_more_there_are(desk, app, cast):
    for number in range(11):
        new_person(app, cast, f"Ellison Number {number:02}")
    first = words(desk.get("/patients/?q=ellison"))
    assert "8 of 11 patients" in first
    more = first.partition('class="btn" href="/patients/?')[2].partition('"')[0]
    second = words(desk.get("/patients/?" + more.replace("&amp;", "&")))
    assert "3 more of 11 patients" in second
    assert "Number 10" in second
    assert "Number 07" not in second


def test_nobody_found_leads_to_registering(desk):
    said = words(desk.get("/patients/?q=Nobody+Here"))
    assert "No patient matches" in said
    assert 'form="find-form" formaction="/patients/new">Register a new patient<' in said
    assert 'value="Nobody Here"' in words(desk.get("/patients/new?q=Nobody+Here"))


def test_the_dead_are_named_so_and_not_booked(desk, app, cast):
    person = new_person(app, cast)
    with app.app_context():
        records.update(cast.harbour, person, {"died_on": date(2026, 11, 1)}, cast.esha.actor)
    said = words(desk.get("/patients/?q=ellison"))
    assert "(Died)" in said
    assert f"?patient={person}" not in said


@pytest.mark.parametrize("who", ["esha", "dr_chandra", "amir", "gita"])
def test_everybody_at_work_has_the_search_on_top(app, cast, who):
    assert 'id="top-q"' in words(client_of(app, cast.people[who]).get("/account/"))


def test_patients_have_none(app, cast):
    assert 'id="top-q"' not in words(client_of(app, cast.asha).get("/account/"))


def test_a_list_of_eight_asks_no_more_than_one_of_one(desk, app, cast):
    costs = []
    for names in (range(1), range(1, 8)):
        for number in names:
            new_person(app, cast, f"Ellison Number {number:02}")
        with app.app_context(), asked() as statements:
            desk.get("/patients/?q=ellison")
        costs.append(len(statements))
    assert costs[1] <= costs[0]


def test_the_page_of_a_patient(desk, app, cast):
    _, code = visit_of_asha(app, cast)
    said = words(desk.get(f"/patients/{cast.asha.patient_id}"))
    for part in ("Asha Rao", "born 17 May 1984", "tel:+447700900000", code, "Visits to come"):
        assert part in said
    assert 'href="/messages/?address=%2B447700900000"' in said
    assert "Blood pressure" not in said
    assert "Please confirm" not in said  # that is said to patients


def test_contact_data_is_corrected(desk, app, cast):
    person = new_person(app, cast, phone="+447400100001")
    form = {"full_name": "Maya Ellison", "phone": "07400 100002", "email": ""}
    form |= {"channel": "whatsapp", "date_of_birth": "18/05/1988"}
    assert desk.post(f"/patients/{person}", data=form).status_code == 303
    with app.app_context():
        kept = queries.one(cast.esha.actor, person)
    assert (kept.phone, kept.channel) == ("+447400100002", "whatsapp")
    assert kept.date_of_birth == date(1988, 5, 18)
    wrong = desk.post(f"/patients/{person}", data=form | {"date_of_birth": "the 40th"})
    assert wrong.status_code == 422
    assert "Write a day such as 17 May 1988." in words(wrong)


def test_somebody_new_is_registered_and_booked(desk, app, cast):
    """The chosen time is kept."""
    choice = {"doctor": cast.dr_chandra.doctor_id, "start": at("10:00").isoformat()}
    step = words(desk.get("/appointments/new", query_string=choice | {"find": "Maya Ellison"}))
    assert "Register a new patient" in step
    page = words(desk.get("/patients/new", query_string=choice | {"find": "Maya Ellison"}))
    assert 'value="Maya Ellison"' in page
    form = {"full_name": "Maya Ellison", "date_of_birth": "17 May 1988", "phone": "07400 100001"}
    answer = desk.post("/patients/new", data=form | choice)
    assert answer.status_code == 303
    confirm = words(desk.get(answer.location))
    assert "Maya Ellison" in confirm
    assert 'name="patient"' in confirm


def test_who_may_be_the_same_is_shown_first(desk, app, cast):
    known = new_person(app, cast, phone="+447400100001")
    form = {"full_name": "M. Ellison", "phone": "07400 100001"}
    answer = desk.post("/patients/new", data=form)
    assert answer.status_code == 409
    assert f'href="/patients/{known}"' in words(answer)
    assert desk.post("/patients/new", data=form | {"anyway": "1"}).status_code == 303
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Patient)) == 4


def test_a_doctor_registers_too_and_reads_of_nobody_else(app, cast):
    new_person(app, cast, phone="+447400100001")
    doctor = client_of(app, cast.dr_chandra)
    answer = doctor.post("/patients/new", data={"full_name": "M. E.", "phone": "07400 100001"})
    assert answer.status_code == 409
    assert "Maya Ellison" not in words(answer)


def test_the_superadmin_reads_and_changes_nothing(app, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
    person = cast.asha.patient_id
    page = words(client_of(app, cast.gita).get(f"/patients/{person}"))
    assert "Asha Rao" in page
    assert "Contact data" not in page


def test_booking_begins_with_the_person(desk, app, cast):
    """Chosen on their page, they go along through doctors and weeks to the confirm step."""
    person = new_person(app, cast)
    said = words(desk.get(f"/patients/{person}"))
    assert f'href="/?patient={person}"' in said
    found = words(desk.get(f"/?patient={person}"))
    assert "For Maya Ellison, born 17 May 1988" in found
    assert f'<input type="hidden" name="patient" value="{person}">' in found
    doctor = cast.dr_chandra.doctor_id
    assert f'href="/doctors/{doctor}?patient={person}"' in found
    for page in (found, words(desk.get(f"/doctors/{doctor}?patient={person}"))):
        assert f"/appointments/new?doctor={doctor}&amp;patient={person}&amp;start=" in page
    chosen = {"doctor": doctor, "start": at("10:00").isoformat(), "patient": person}
    confirm = words(desk.get("/appointments/new", query_string=chosen))
    assert f'name="patient" value="{person}"' in confirm
    assert f'href="/doctors/{doctor}?patient={person}"' in confirm


def test_only_the_desk_chooses_for_whom(app, cast):
    person = new_person(app, cast)
    for who in ("asha", "farid"):
        page = words(client_of(app, cast.people[who]).get(f"/?patient={person}"))
        assert "Maya Ellison" not in page
    assert str(person) not in words(client_of(app, cast.asha).get(f"/?patient={person}"))
