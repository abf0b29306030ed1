"""Short ways to a booked visit, for tests that are about something else."""

from datetime import datetime

from clinic.appointments import booking, steps
from clinic.appointments.booking import BookingRequest
from clinic.appointments.models import Appointment
from tests.cast import Person, at


def book(
    patient: Person, doctor: Person, when: str | datetime = "09:00", by: Person | None = None
) -> Appointment:
    """Needs an app context."""
    start = at(when) if isinstance(when, str) else when
    request = BookingRequest(doctor.doctor_id, patient.patient_id, start, "Blood pressure")
    return booking.book(request, (by or patient).actor)


def scheduled(patient: Person, doctor: Person, when: str = "09:00") -> Appointment:
    """A booking the background task has accepted."""
    visit = book(patient, doctor, when)
    steps.accept_booking(visit.id)
    return visit


def take(visit: Appointment, *names: str, by: Person) -> Appointment:
    """Steps in a row, by one person."""
    for name in names:
        visit = steps.take(visit.id, name, by.actor)
    return visit
