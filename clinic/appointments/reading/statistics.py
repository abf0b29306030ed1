"""How a doctor's visits went, counted by local day or month."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import Visible, everything, same_doctor, same_organisation
from clinic.appointments.life import scope
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import BadRange, NotFound
from clinic.doctors.models import Doctor
from clinic.organisations.models import Organisation

MOST_DAYS = 92
USUAL_DAYS = 30
FORMATS = {"day": "%Y-%m-%d", "month": "%Y-%m"}
# Those whose time came and of whom it is known whether they did, too.
_CAME = (Status.CHECKED_IN, Status.IN_PROGRESS, Status.COMPLETED)

VISIBLE = Visible(
    "statistics of a doctor",  # for who sees all of the doctor's visits: patients see but theirs
    {
        Role.DOCTOR: same_doctor(Doctor.id),
        Role.STAFF: same_organisation(Doctor.organisation_id),
        Role.ADMIN: same_organisation(Doctor.organisation_id),
        Role.SUPERADMIN: everything,
    },
)


@dataclass(frozen=True, slots=True)
class Period:
    """`period` is a local day or month: `2026-11-16`, `2026-11`."""

    period: str
    total: int
    counts: dict[str, int]  # of every status, also those that do not occur


@dataclass(frozen=True, slots=True)
class Statistics:
    doctor_id: UUID
    timezone: str
    first: date
    last: date
    group_by: str
    total: int
    counts: dict[str, int]
    no_show_rate: float  # 0 to 1
    trend: tuple[Period, ...]


def of_doctor(
    actor: Actor,
    doctor_id: UUID,
    first: date | None = None,
    last: date | None = None,
    group_by: str = "day",
) -> Statistics:
    """The visits that begin on the local days `first` to `last` (the last 30 days by default).

    A visit that moved away counts at its new time alone. The rate is the missed visits among
    those missed or attended: what is to come, was cancelled or nobody settled says nothing.
    Raises NotFound for a doctor the actor may not see, BadRange.
    """
    zone = _zone_of(actor, doctor_id)
    first, last = _range(first, last, clock.today(zone))
    by_period = {name: Counter[str]() for name in _periods(first, last, FORMATS[group_by])}
    for start, status, many in _counted(doctor_id, first, last, zone):
        by_period[f"{start.astimezone(zone):{FORMATS[group_by]}}"][status] += many
    totals = sum(by_period.values(), Counter[str]())
    return Statistics(
        doctor_id=doctor_id,
        timezone=zone.key,
        first=first,
        last=last,
        group_by=group_by,
        total=totals.total(),
        counts=_all_statuses(totals),
        no_show_rate=_no_show_rate(totals),
        trend=tuple(
            Period(name, counts.total(), _all_statuses(counts))
            for name, counts in by_period.items()
        ),
    )


def _range(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    if any(day and not 1900 <= day.year <= 2100 for day in (first, last)):
        raise BadRange(MOST_DAYS)
    usual = timedelta(days=USUAL_DAYS - 1)
    last = last or (first + usual if first else today)
    first = first or last - usual
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadRange(MOST_DAYS)
    return first, last


def _zone_of(actor: Actor, doctor_id: UUID) -> ZoneInfo:
    """Raises NotFound for a doctor the actor may not see."""
    row = db.session.execute(
        sa.select(Organisation.timezone)
        .join(Doctor, Doctor.organisation_id == Organisation.id)
        .where(Doctor.id == doctor_id, VISIBLE.to(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    return clock.zone(row.timezone)


def _counted(
    doctor_id: UUID, first: date, last: date, zone: ZoneInfo
) -> list[tuple[datetime, str, int]]:
    """Grouped by start, and by day in Python: SQLite knows no time zones."""
    since, until = clock.day_bounds(first, zone)[0], clock.day_bounds(last, zone)[1]
    rows = db.session.execute(
        sa.select(Appointment.starts_at, Appointment.status, sa.func.count())
        .where(
            Appointment.doctor_id == doctor_id,
            Appointment.starts_at >= since,
            Appointment.starts_at < until,
            scope.still_meant(),
        )
        .group_by(Appointment.starts_at, Appointment.status)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _periods(first: date, last: date, form: str) -> list[str]:
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return list(dict.fromkeys(f"{day:{form}}" for day in days))


def _all_statuses(counts: Counter[str]) -> dict[str, int]:
    return {str(status): counts[status] for status in Status}


def _no_show_rate(counts: Counter[str]) -> float:
    missed = counts[Status.NO_SHOW]
    due = missed + sum(counts[status] for status in _CAME)
    return round(missed / due, 4) if due else 0.0
