"""Publish, change and withdraw windows, take time off: each under the doctor's booking lock."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypedDict, TypeVar
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, NotFound
from clinic.doctors import queries as doctor_queries
from clinic.doctors import service as doctors
from clinic.doctors.models import Doctor
from clinic.events.service import record
from clinic.schedules import lists, queries
from clinic.schedules.errors import BadWindow, WindowsOverlap
from clinic.schedules.facts import (
    SchedulePublished,
    ScheduleUpdated,
    ScheduleWithdrawn,
    TimeOffTaken,
    TimeOffWithdrawn,
)
from clinic.schedules.lists import AffectedVisit
from clinic.schedules.models import LONGEST_REASON, Schedule, TimeOff
from clinic.schedules.places import location_named
from clinic.schedules.slots import minutes_between, shown, windows_overlap

Row = TypeVar("Row", Schedule, TimeOff)


@dataclass(frozen=True, slots=True)
class NewWindow:
    """Weekly with `weekday` (Monday 0), or for one day with `on`; local wall-clock times.

    The place is an id, or else in `location` an id or a name as text; a new name is a new place.
    """

    location_id: UUID | None
    start: time
    end: time
    weekday: int | None = None
    on: date | None = None
    slot_minutes: int = 30
    capacity: int = 1
    max_patients: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    location: str | None = None


class WindowChanges(TypedDict, total=False):
    """A key that is missing leaves things as they are; a weekday replaces a date and back."""

    start: time
    end: time
    weekday: int | None
    on: date | None
    slot_minutes: int
    capacity: int
    max_patients: int | None
    valid_from: date | None
    valid_until: date | None
    location: str | None


@dataclass(frozen=True, slots=True)
class ChangedWindow:
    row: Schedule
    affected: list[AffectedVisit]  # still booked although the window no longer holds them


@transactional
def publish_window(doctor_id: UUID, new: NewWindow, actor: Actor) -> Schedule:
    """Raises WindowsOverlap, BadWindow or NotFound (a doctor or a location of somebody else)."""
    organisation_id = _lock(doctor_id, actor)
    place = str(new.location_id) if new.location_id else new.location
    row = Schedule(
        organisation_id=organisation_id,
        doctor_id=doctor_id,
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
    _check(row)
    _refuse_overlap(row)
    row.location_id = location_named(organisation_id, place, doctor_id, actor)
    db.session.add(row)
    db.session.flush()
    published = SchedulePublished(
        organisation_id=organisation_id, schedule_id=row.id, doctor_id=doctor_id
    )
    record(published, actor)
    return row


@transactional
def update_window(
    schedule_id: UUID, changes: WindowChanges, actor: Actor, visits: str | None = None
) -> ChangedWindow:
    """Change it; `visits` says what becomes of those that it no longer holds: keep, cancel, move.

    Raises WindowsOverlap, BadWindow or NotFound; VisitsDepend where there are some and it is None.
    """
    row = _in_force(schedule_id, actor, with_colleagues=visits == "move")
    with db.session.no_autoflush:  # nothing reaches the database before it was checked
        _apply(row, changes)
        _check(row)
        _refuse_overlap(row)
    if "location" in changes:
        row.location_id = location_named(
            row.organisation_id, changes["location"], row.doctor_id, actor
        )
    db.session.flush()
    updated = ScheduleUpdated(
        organisation_id=row.organisation_id,
        schedule_id=row.id,
        doctor_id=row.doctor_id,
        visits=visits,
    )
    record(updated, actor)
    return ChangedWindow(row, lists.left_behind(row))


_COLUMNS = {"start": "start_time", "end": "end_time", "on": "on_date"}


def _apply(row: Schedule, changes: WindowChanges) -> None:
    wanted: dict[str, Any] = {key: value for key, value in changes.items() if key != "location"}
    if wanted.get("on") is not None and "weekday" not in wanted:
        wanted = {"weekday": None, "valid_from": None, "valid_until": None} | wanted
    elif wanted.get("weekday") is not None and "on" not in wanted:
        wanted["on"] = None
    for key, value in wanted.items():
        setattr(row, _COLUMNS.get(key, key), value)


_ENDS_FIRST = N_(
    "The window must end after it starts, on the same day: 24:00 is its end. "
    "Hours over midnight are two windows."
)


def _check(row: Schedule) -> None:
    if (row.weekday is None) == (row.on_date is None):
        raise BadWindow(N_("Choose either a weekday or a date."))
    if row.weekday is not None and not 0 <= row.weekday <= 6:
        raise BadWindow(N_("The weekday is a number from 0 (Monday) to 6 (Sunday)."))
    if row.start_time >= row.end_time:
        raise BadWindow(_ENDS_FIRST)
    if not 5 <= row.slot_minutes <= 480 or not 1 <= row.capacity <= 100:
        raise BadWindow(N_("A slot takes 5 to 480 minutes and 1 to 100 places."))
    if minutes_between(row.start_time, row.end_time) < row.slot_minutes:
        raise BadWindow(N_("The window is shorter than one slot."))
    _check_limits(row)


def _check_limits(row: Schedule) -> None:
    if row.max_patients is not None and not 1 <= row.max_patients <= 10_000:
        raise BadWindow(N_("A window takes 1 to 10,000 patients, or any number."))
    if row.on_date and (row.valid_from or row.valid_until):
        raise BadWindow(N_("Only weekly windows have days between which they are valid."))
    if row.valid_from and row.valid_until and row.valid_from > row.valid_until:
        raise BadWindow(N_("The window must be valid until a day after it begins."))


_OVERLAPS = {
    0: N_("Monday %(start)s to %(end)s is there already"),
    1: N_("Tuesday %(start)s to %(end)s is there already"),
    2: N_("Wednesday %(start)s to %(end)s is there already"),
    3: N_("Thursday %(start)s to %(end)s is there already"),
    4: N_("Friday %(start)s to %(end)s is there already"),
    5: N_("Saturday %(start)s to %(end)s is there already"),
    6: N_("Sunday %(start)s to %(end)s is there already"),
    None: N_("%(day)s, %(start)s to %(end)s is there already"),
}


def _refuse_overlap(row: Schedule) -> None:
    wanted = lists.window_of(row)
    others = queries.windows_of([row.doctor_id]).get(row.doctor_id, [])
    for other in others:
        if other.id != row.id and windows_overlap(wanted, other):
            raise WindowsOverlap(
                _OVERLAPS[other.weekday],
                start=shown(other.start),
                end=shown(other.end),
                day=other.on,
            )


@transactional
def withdraw_window(schedule_id: UUID, actor: Actor, visits: str | None = None) -> None:
    """Offer no more slots of this window; `visits` as when it changes.

    Raises NotFound; VisitsDepend where visits to come were booked in it and that is None.
    """
    row = _in_force(schedule_id, actor, with_colleagues=visits == "move")
    row.withdrawn_at = clock.now()
    db.session.flush()
    withdrawn = ScheduleWithdrawn(
        organisation_id=row.organisation_id,
        schedule_id=row.id,
        doctor_id=row.doctor_id,
        visits=visits,
    )
    record(withdrawn, actor)


@transactional
def take_time_off(
    doctor_id: UUID, starts_at: datetime, ends_at: datetime, reason: str, actor: Actor
) -> TimeOff:
    """Offer no slot of this doctor between the instants; `lists.affected_visits` stay booked.

    Raises NotFound or BadWindow.
    """
    if starts_at >= ends_at:
        raise BadWindow(N_("Time off must end after it starts."))
    if len(reason) > LONGEST_REASON:
        raise BadWindow(N_("A reason has at most 120 characters."))
    organisation_id = _lock(doctor_id, actor)
    off = TimeOff(
        organisation_id=organisation_id,
        doctor_id=doctor_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        created_at=clock.now(),
    )
    db.session.add(off)
    db.session.flush()
    taken = TimeOffTaken(
        organisation_id=off.organisation_id, time_off_id=off.id, doctor_id=doctor_id
    )
    record(taken, actor)
    return off


@transactional
def withdraw_time_off(time_off_id: UUID, actor: Actor) -> None:
    """Offer the slots again. Raises NotFound."""
    row = _not_withdrawn(TimeOff, time_off_id, actor)
    row.withdrawn_at = clock.now()
    withdrawn = TimeOffWithdrawn(
        organisation_id=row.organisation_id, time_off_id=row.id, doctor_id=row.doctor_id
    )
    record(withdrawn, actor)


def _lock(doctor_id: UUID, actor: Actor) -> UUID:
    """Lock the doctor's diary and return the organisation's id."""
    doctors.lock([doctor_id])
    found = db.session.scalar(
        sa.select(Doctor.organisation_id).where(
            Doctor.id == doctor_id, doctor_queries.HOURS.to(actor)
        )
    )
    if found is None:
        raise NotFound
    return found


def _in_force(schedule_id: UUID, actor: Actor, with_colleagues: bool = False) -> Schedule:
    if with_colleagues:  # all in one order, before this one's own: visits move between them
        there = sa.select(Schedule.organisation_id).where(Schedule.id == schedule_id)
        doctors.raise_versions(Doctor.organisation_id == there.scalar_subquery())
    return _not_withdrawn(Schedule, schedule_id, actor)


def _not_withdrawn(table: type[Row], row_id: UUID, actor: Actor) -> Row:
    """The row, with its doctor's diary locked. Raises NotFound."""
    row = db.session.get(table, row_id)
    if row is None:
        raise NotFound
    _lock(row.doctor_id, actor)
    db.session.refresh(row)
    if row.withdrawn_at:  # perhaps by somebody else, while this waited
        raise NotFound
    return row
