"""What stands in the way of a seat: asked under the booking lock."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.life.lifecycle import ACTIVE
from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.schedules.models import Schedule

LONGEST_VISIT = timedelta(hours=8)  # bounds the search, so that the index on starts_at serves it


def patient_is_busy(
    patient_id: UUID, start: datetime, end: datetime, but: UUID | None = None
) -> bool:
    """Does the patient have another active visit that overlaps, with any doctor?"""
    query = sa.select(Appointment.id).where(
        Appointment.patient_id == patient_id,
        Appointment.status.in_(sorted(ACTIVE)),
        Appointment.starts_at < end,
        Appointment.starts_at > start - LONGEST_VISIT,
        Appointment.ends_at > start,
    )
    if but:
        query = query.where(Appointment.id != but)
    return db.session.scalar(query.limit(1)) is not None


def seat_is_taken(visit: Appointment) -> bool:
    """Has somebody else got this visit's seat, or have others filled its time or its window?"""
    window = db.session.get_one(Schedule, visit.schedule_id)
    taken = set(db.session.scalars(_others(visit, LONGEST_VISIT).where(
        Appointment.starts_at < visit.ends_at, Appointment.ends_at > visit.starts_at
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
        Appointment.status.in_(sorted(ACTIVE)),
        Appointment.seat.is_not(None),
        Appointment.starts_at > visit.starts_at - since,
    )
