"""Short ways to a booked visit and to many people, for tests that are about something else."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.accounts.people import create
from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.models import Appointment
from clinic.appointments.steps import accept
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging import jobs as messages
from clinic.organisations.models import Organisation, OrganisationSettings
from clinic.patients.people import service as patients
from clinic.schedules import service as schedules
from clinic.schedules.models import Schedule
from clinic.schedules.queries import windows_of
from tests.cast import LONDON, Person, at


def book(
    patient: Person,
    doctor: Person,
    when: str | datetime = "09:00",
    by: Person | None = None,
    channel: str | None = None,
) -> Appointment:
    """Needs an app context."""
    start = at(when) if isinstance(when, str) else when
    request = BookingRequest(doctor.doctor_id, patient.patient_id, start, "Blood pressure", channel)
    return booking.book(request, (by or patient).actor)


def hold_for(patient: Person, doctor: Person, when: str | datetime = "09:00") -> Appointment:
    """A booking of somebody who has proven nothing; their code has left."""
    unproven(patient)
    visit = book(patient, doctor, when)
    messages.deliver_due()
    return visit


def scheduled(patient: Person, doctor: Person, when: str | datetime = "09:00") -> Appointment:
    """A booking the background task has accepted."""
    visit = book(patient, doctor, when)
    accept.accept_booking(visit.id)
    return visit


def take(visit: Appointment, *names: str, by: Person) -> Appointment:
    """Steps in a row, by one person."""
    for name in names:
        visit = steps.take(visit.id, name, by.actor)
    return visit


def fresh(visit: Appointment) -> Appointment:
    """The row as it stands in the database now."""
    db.session.rollback()
    return db.session.get(Appointment, visit.id, populate_existing=True)


@transactional
def many_patients(count: int, first: int = 0) -> list[Person]:
    """So many people with a login each, numbered from `first`; none can sign in by password."""
    return [_patient(number) for number in range(first, first + count)]


def _patient(number: int) -> Person:
    email = f"crowd{number}@cast.example"
    user = create.create_user(
        Role.PATIENT,
        f"Crowd {number}",
        email,
        THE_SYSTEM,
        password_hash="none",
        verified_at=clock.now(),
    )
    patient = patients.create_for_user(user)
    return Person(user.full_name, "patient", user.id, email, patient_id=patient.id)


@transactional
def unproven(*people: Person) -> None:
    """As if no code had come back from them yet: all others of the cast have proven both."""
    for person in people:
        user = db.session.get_one(User, person.user_id)
        user.email_verified_at = user.phone_verified_at = None


@transactional
def known_to(organisation_id: UUID, *people: Person) -> None:
    """The organisation has registered or treated them."""
    for person in people:
        patients.link(person.patient_id, organisation_id, patients.Contact(email=person.email))


def day_window(doctor: Person, place: UUID, on: date, hours: str, **more: object) -> Schedule:
    """A dated window such as `"14:00-16:00"`."""
    start, end = (time.fromisoformat(part) for part in hours.split("-"))
    new = schedules.NewWindow(place, start, end, on=on, **more)
    return schedules.publish_window(doctor.doctor_id, new, THE_SYSTEM)


def withdraw_all(doctor: Person) -> None:
    for window in windows_of([doctor.doctor_id]).get(doctor.doctor_id, []):
        schedules.withdraw_window(window.id, THE_SYSTEM, "keep")


@transactional
def set_rules(organisation_id: UUID, **rules: int | bool) -> None:
    """Change how an organisation books."""
    row = db.session.get(OrganisationSettings, organisation_id)
    for name, value in rules.items():
        setattr(row, name, value)
    db.session.get(Organisation, organisation_id).diary_version += 1


def next_week(wall: str) -> datetime:
    """A wall-clock time on the Monday after next, by the real clock or the tests' one."""
    today = clock.today(LONDON)
    return at(wall, today + timedelta(days=14 - today.weekday()))


def actor_at_desk(of: Person) -> Actor:
    """Somebody at the front desk of that doctor's organisation."""
    return Actor(role=Role.STAFF, organisation_id=of.organisation_id)
