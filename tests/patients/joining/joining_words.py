"""Maya, whom the desk registered, and who signs up."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.addresses import contact
from clinic.accounts.models import User
from clinic.accounts.proof.keys import Purpose
from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.models import Appointment
from clinic.appointments.steps import accept
from clinic.core.data.db import db, transactional
from clinic.events import jobs as events
from clinic.events.models import EventRow
from clinic.patients.models import Patient
from clinic.patients.records import service as records
from clinic.patients.signup import service as signup
from clinic.patients.signup.service import NewPatient
from tests.accounts.account_words import code_sent
from tests.cast import PASSWORD, Cast, Person
from tests.factories import next_week

BORN = date(1988, 5, 17)
PHONE, MAIL = "+447400123456", "maya@cast.example"
MAYA = {"full_name": "Maya Ellison", "date_of_birth": BORN, "phone": PHONE, "email": MAIL}


class Made(NamedTuple):
    """A visit."""

    id: UUID
    code: str


def registered(cast: Cast, **changes: object) -> UUID:
    """By the desk. Needs an app context, as all of these."""
    return records.register(cast.harbour, {**MAYA, **changes}, cast.esha.actor).id


def visit_of(
    cast: Cast,
    patient_id: UUID,
    wall: str = "09:00",
    doctor: str = "dr_chandra",
    by: Person | None = None,
) -> Made:
    """The desk books it, or the patient."""
    doctor_id = cast.people[doctor].doctor_id
    wanted = BookingRequest(doctor_id, patient_id, next_week(wall), "Cough")
    visit = booking.book(wanted, (by or cast.esha).actor)
    made = Made(visit.id, visit.code)
    accept.accept_booking(made.id)
    return made


def signs_up(
    name: str = "Maya Ellison", email: str = MAIL, phone: str = PHONE, born: date | None = None
) -> Person:
    signup.sign_up(NewPatient(name, email, phone, PASSWORD), "192.0.2.1", "tests")
    made = sa.select(User).where(User.email == email).order_by(User.created_at.desc())
    user_id = db.session.scalars(made).first().id
    patient = db.session.scalars(sa.select(Patient).filter_by(user_id=user_id)).one()
    person = Person(name, "patient", user_id, email, patient_id=patient.id)
    if born:
        say_born(person, born)
    return person


@transactional
def say_born(person: Person, born: date) -> None:
    db.session.get_one(Patient, person.patient_id).birth_date = born


def proves(app, person: Person, kind: str = "phone", target: str = PHONE) -> None:
    """The code came back, and the worker has heard of it."""
    contact.send_code(person.user_id, kind, target, "192.0.2.1")
    code = code_sent(app, Purpose(kind))
    contact.prove(person.user_id, kind, code, Actor("patient", person.user_id))
    heard()


def heard() -> None:
    events.deliver_due()
    db.session.rollback()


def whose(visit: Made) -> UUID:
    db.session.rollback()
    return db.session.get_one(Appointment, visit.id, populate_existing=True).patient_id


def is_there(patient_id: UUID) -> bool:
    db.session.rollback()
    found = sa.select(Patient.id).where(Patient.id == patient_id)
    return db.session.scalar(found) is not None


def joined() -> list[tuple[str, str]]:
    """The facts: who stays, and who went."""
    rows = db.session.scalars(sa.select(EventRow).where(EventRow.name == "patient.joined"))
    return [(row.payload["patient_id"], row.payload["joined_id"]) for row in rows]
