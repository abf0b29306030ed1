"""Publish and withdraw windows, take time off: each under the doctor's booking lock."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.db import db, transactional
from clinic.core.errors import ClinicError, NotFound
from clinic.core.security import Actor
from clinic.doctors import service as doctors
from clinic.doctors.models import Doctor
from clinic.events.names import Event
from clinic.events.service import record
from clinic.organisations.models import Location
from clinic.schedules import queries
from clinic.schedules.models import Schedule, TimeOff
from clinic.schedules.slots import Window, windows_overlap


class WindowsOverlap(ClinicError):
    status, code, title = 400, "windows_overlap", "The doctor already has a window at that time"


class BadWindow(ClinicError):
    status, code, title = 400, "bad_window", "That window is not possible"


@dataclass(frozen=True, slots=True)
class NewWindow:
    """Weekly with `weekday` (Monday 0), or for one day with `on`; local wall-clock times."""

    location_id: UUID
    start: time
    end: time
    weekday: int | None = None
    on: date | None = None
    slot_minutes: int = 30
    capacity: int = 1
    max_patients: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@transactional
def publish_window(doctor_id: UUID, new: NewWindow, actor: Actor) -> Schedule:
    """Raises WindowsOverlap, BadWindow or NotFound (doctor, or a location of somebody else)."""
    _check(new)
    doctors.lock([doctor_id])
    organisation_id = _organisation_of(doctor_id)
    if (
        db.session.scalar(sa.select(Location.organisation_id).where(Location.id == new.location_id))
        != organisation_id
    ):
        raise NotFound
    row = Schedule(
        organisation_id=organisation_id,
        doctor_id=doctor_id,
        location_id=new.location_id,
        weekday=new.weekday,
        on_date=new.on,
        valid_from=new.valid_from,
        valid_until=new.valid_until,
        start_time=new.start,
        end_time=new.end,
        slot_minutes=new.slot_minutes,
        capacity=new.capacity,
        max_patients=new.max_patients,
        created_at=clock.now(),
    )
    _refuse_overlap(doctor_id, row)
    db.session.add(row)
    db.session.flush()
    record(
        Event.SCHEDULE_PUBLISHED, actor, organisation_id, schedule_id=row.id, doctor_id=doctor_id
    )
    return row


def _check(new: NewWindow) -> None:
    if (new.weekday is None) == (new.on is None):
        raise BadWindow("Choose either a weekday or a date.")
    if new.start >= new.end:
        raise BadWindow("The window must end after it starts, on the same day.")
    if not 5 <= new.slot_minutes <= 480 or not 1 <= new.capacity <= 100:
        raise BadWindow("A slot takes 5 to 480 minutes and 1 to 100 places.")
    if new.valid_from and new.valid_until and new.valid_from > new.valid_until:
        raise BadWindow("The window must be valid until a day after it begins.")


def _refuse_overlap(doctor_id: UUID, row: Schedule) -> None:
    wanted = Window(
        id=row.id,
        doctor_id=doctor_id,
        start=row.start_time,
        end=row.end_time,
        weekday=row.weekday,
        on=row.on_date,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
    others = queries.windows_of([doctor_id]).get(doctor_id, [])
    if any(windows_overlap(wanted, other) for other in others):
        raise WindowsOverlap


@transactional
def withdraw_window(schedule_id: UUID, actor: Actor) -> None:
    """Offer no more slots of this window; visits already booked stay. Raises NotFound."""
    row = db.session.get(Schedule, schedule_id)
    if row is None or row.withdrawn_at:
        raise NotFound
    doctors.lock([row.doctor_id])
    db.session.refresh(row)
    if row.withdrawn_at:  # by somebody else, while this waited
        raise NotFound
    row.withdrawn_at = clock.now()
    record(
        Event.SCHEDULE_WITHDRAWN,
        actor,
        row.organisation_id,
        schedule_id=row.id,
        doctor_id=row.doctor_id,
    )


@transactional
def take_time_off(
    doctor_id: UUID, starts_at: datetime, ends_at: datetime, reason: str, actor: Actor
) -> TimeOff:
    """Offer no slot of this doctor between the instants. Raises NotFound or BadWindow."""
    if starts_at >= ends_at:
        raise BadWindow("Time off must end after it starts.")
    doctors.lock([doctor_id])
    off = TimeOff(
        organisation_id=_organisation_of(doctor_id),
        doctor_id=doctor_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        created_at=clock.now(),
    )
    db.session.add(off)
    db.session.flush()
    record(
        Event.TIME_OFF_TAKEN, actor, off.organisation_id, time_off_id=off.id, doctor_id=doctor_id
    )
    return off


def _organisation_of(doctor_id: UUID) -> UUID:
    found = db.session.scalar(sa.select(Doctor.organisation_id).where(Doctor.id == doctor_id))
    if found is None:
        raise NotFound
    return found
