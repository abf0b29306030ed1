"""Windows, time off and the visits that changes leave behind, one by one and in pages."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.models import LONGEST_VISIT, Appointment
from clinic.appointments.vocabulary import FINISHED
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.doctors import queries as doctors
from clinic.doctors.models import Doctor
from clinic.organisations import queries as organisations
from clinic.organisations.models import Location, Organisation
from clinic.schedules.models import Schedule, TimeOff
from clinic.schedules.slots import Window, closing, instant


@dataclass(frozen=True, slots=True)
class ListedWindow:
    row: Schedule
    location: str
    timezone: str


@dataclass(frozen=True, slots=True)
class AffectedVisit:
    id: UUID
    start: datetime
    end: datetime


_WINDOWS = (
    sa.select(Schedule, Location.name.label("location"), Organisation.timezone)
    .join(Location, Location.id == Schedule.location_id)
    .join(Organisation, Organisation.id == Schedule.organisation_id)
)


def windows(doctor_id: UUID, paging: Paging, withdrawn: bool = False) -> Page[ListedWindow]:
    """A doctor's windows that are in force or to come, or instead the withdrawn ones."""
    query = _WINDOWS.where(Schedule.doctor_id == doctor_id)
    if withdrawn:
        query = query.where(Schedule.withdrawn_at.is_not(None))
    else:
        yesterday = clock.now().date() - timedelta(days=1)  # still today somewhere
        query = query.where(
            Schedule.withdrawn_at.is_(None),
            sa.or_(Schedule.valid_until.is_(None), Schedule.valid_until >= yesterday),
            sa.or_(Schedule.on_date.is_(None), Schedule.on_date >= yesterday),
        )
    page = page_of(query, Schedule.created_at, Schedule.id, paging)
    return page.of(lambda rows: [_listed(row) for row in rows])


def window(schedule_id: UUID, actor: Actor) -> ListedWindow:
    """One window, withdrawn or not. Raises NotFound, also for somebody else's."""
    row = db.session.execute(
        _WINDOWS.join(Doctor, Doctor.id == Schedule.doctor_id).where(
            Schedule.id == schedule_id, doctors.HOURS.to(actor)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return _listed(row)


def _listed(row: sa.Row) -> ListedWindow:
    return ListedWindow(row.Schedule, row.location, row.timezone)


def time_off(doctor_id: UUID, paging: Paging) -> Page[TimeOff]:
    """When a doctor is or will be away, soonest first."""
    query = sa.select(TimeOff).where(
        TimeOff.doctor_id == doctor_id,
        TimeOff.withdrawn_at.is_(None),
        TimeOff.ends_at > clock.now(),
    )
    page = page_of(query, TimeOff.starts_at, TimeOff.id, paging)
    return page.of(lambda rows: [row.TimeOff for row in rows])


def one_time_off(time_off_id: UUID, actor: Actor) -> TimeOff:
    """Withdrawn or not. Raises NotFound, also for somebody else's."""
    row = db.session.scalar(
        sa.select(TimeOff)
        .join(Doctor, Doctor.id == TimeOff.doctor_id)
        .where(TimeOff.id == time_off_id, doctors.HOURS.to(actor))
    )
    if row is None:
        raise NotFound
    return row


def affected_visits(doctor_id: UUID, start: datetime, end: datetime) -> list[AffectedVisit]:
    """The doctor's visits still to come or going on that overlap the time, soonest first."""
    return _to_come(Appointment.doctor_id == doctor_id, Appointment.meets(start, end))


def left_behind(row: Schedule) -> list[AffectedVisit]:
    """Visits still to come that were booked in the window, and that it no longer holds: all once
    it is withdrawn; else those outside it, and of the rest what is beyond its places."""
    booked = _to_come(
        Appointment.doctor_id == row.doctor_id,  # for the index
        Appointment.schedule_id == row.id,
        Appointment.seat.is_not(None),
    )
    if row.withdrawn_at:
        return booked
    window, zone = window_of(row), clock.zone(organisations.timezone_of(row.organisation_id))
    within = [visit for visit in booked if _lies_within(visit, window, zone)]
    kept = _within_places(within, row.capacity, row.max_patients, zone)
    return [visit for visit in booked if visit.id not in kept]


def _within_places(
    visits: list[AffectedVisit], capacity: int, most: int | None, zone: ZoneInfo
) -> set[UUID]:
    """Who came first into each time stays: lower seats were given before higher ones."""
    kept: dict[date, list[AffectedVisit]] = defaultdict(list)
    for visit in visits:
        today = kept[visit.start.astimezone(zone).date()]
        beside = sum(one.start < visit.end and one.end > visit.start for one in today)
        if beside < capacity and (most is None or len(today) < most):
            today.append(visit)
    return {visit.id for day in kept.values() for visit in day}


def window_of(row: Schedule) -> Window:
    """The row as the arithmetic of slots knows it."""
    return Window(
        id=row.id,
        doctor_id=row.doctor_id,
        start=row.start_time,
        end=row.end_time,
        weekday=row.weekday,
        on=row.on_date,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _lies_within(visit: AffectedVisit, window: Window, zone: ZoneInfo) -> bool:
    day = visit.start.astimezone(zone).date()
    return (
        window.happens_on(day)
        and instant(day, window.start, zone) <= visit.start
        and visit.end <= closing(day, window.end, zone)
    )


def _to_come(*which: sa.ColumnElement[bool]) -> list[AffectedVisit]:
    now = clock.now()
    rows = db.session.execute(
        sa.select(Appointment.id, Appointment.starts_at, Appointment.ends_at)
        .where(
            *which,
            Appointment.ends_at > now,
            Appointment.starts_at > now - LONGEST_VISIT,
            Appointment.status.not_in(sorted(FINISHED)),
        )
        .order_by(Appointment.starts_at, Appointment.seat, Appointment.id)
    )
    return [AffectedVisit(*row) for row in rows]
