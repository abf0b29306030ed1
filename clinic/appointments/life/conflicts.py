"""What stands in the way of a seat: asked under the booking lock."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import LONGEST_VISIT, Appointment
from clinic.appointments.vocabulary import ACTIVE
from clinic.core.data.db import db
from clinic.schedules.models import Schedule


def takes_time() -> sa.ColumnElement[bool]:
    """Visits that hold their seat, and the patient's time."""
    return Appointment.status.in_(sorted(ACTIVE))


def patient_is_busy(
    patient_id: UUID, start: datetime, end: datetime, but: UUID | None = None
) -> bool:
    """Does the patient have another active visit that overlaps, with any doctor?"""
    query = sa.select(Appointment.id).where(
        Appointment.patient_id == patient_id,
        Appointment.meets(start, end),
        takes_time(),
    )
    if but:
        query = query.where(Appointment.id != but)
    return db.session.scalar(query.limit(1)) is not None


def seat_is_taken(visit: Appointment) -> bool:
    """Has somebody else got this visit's seat, or have others filled its time or its window?"""
    window = db.session.get_one(Schedule, visit.schedule_id)
    taken = set(db.session.scalars(_others(visit, LONGEST_VISIT).where(
        Appointment.overlaps(visit.starts_at, visit.ends_at)
    )))  # fmt: skip
    if visit.seat in taken or len(taken) >= window.capacity:
        return True
    # The same window comes again after a week at the earliest: a day around is this one.
    in_window = _others(visit, timedelta(days=1)).where(
        Appointment.schedule_id == visit.schedule_id,
        Appointment.starts_at < visit.starts_at + timedelta(days=1),
    )
    full = window.max_patients
    return full is not None and len(db.session.scalars(in_window).all()) >= full


def _others(visit: Appointment, since: timedelta) -> sa.Select[int | None]:
    """Seats the doctor's other active visits hold, from so long before this one on."""
    return sa.select(Appointment.seat).where(
        Appointment.doctor_id == visit.doctor_id,
        Appointment.id != visit.id,
        takes_time(),
        Appointment.seat.is_not(None),
        Appointment.starts_at > visit.starts_at - since,
    )
