"""Which slots are offered: what a page shows is what can be booked, by the same function."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.appointments.lifecycle import ACTIVE
from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.db import UtcDateTime, db
from clinic.doctors.models import Doctor
from clinic.doctors.queries import Profile
from clinic.organisations.models import Location, Organisation, OrganisationSettings
from clinic.schedules import queries as schedules
from clinic.schedules.models import Schedule, TimeOff
from clinic.schedules.slots import Busy, Slot, Window, slots_between

LOOK_AHEAD_DAYS = 14  # most doctors have a free slot within two weeks


@dataclass(frozen=True, slots=True)
class Practice:
    """A doctor as booking sees them: the zone and the rules of the organisation."""

    doctor_id: UUID
    name: str
    organisation_id: UUID
    zone: ZoneInfo
    earliest: datetime
    latest: datetime
    approval_required: bool


_DOCTORS: sa.BindParameter[Any] = sa.bindparam("doctors", expanding=True)
_PRACTICES = (
    sa.select(
        Doctor.id,
        Doctor.name,
        Doctor.organisation_id,
        Organisation.timezone,
        OrganisationSettings.minimum_notice_minutes,
        OrganisationSettings.booking_horizon_days,
        OrganisationSettings.approval_required,
    )
    .join(Organisation, Organisation.id == Doctor.organisation_id)
    .join(OrganisationSettings, OrganisationSettings.organisation_id == Organisation.id)
    .where(
        Doctor.id.in_(_DOCTORS),
        Doctor.is_active,
        Organisation.is_active,
    )
)


def practices(doctor_ids: Iterable[UUID], at_desk: bool = False) -> dict[UUID, Practice]:
    """Active doctors by id. The desk ignores notice and horizon, but not the past."""
    rows = db.session.execute(_PRACTICES, {"doctors": list(doctor_ids)})
    return {row.id: _practice(row, row, at_desk) for row in rows}


def practices_of(profiles: Iterable[Profile]) -> dict[UUID, Practice]:
    """The same of doctors whose profiles are at hand, for their patients."""
    return {one.id: _practice(one, one.rules, at_desk=False) for one in profiles}


def _practice(doctor: Any, rules: Any, at_desk: bool) -> Practice:
    now = clock.now()
    notice = timedelta(minutes=0 if at_desk else rules.minimum_notice_minutes)
    return Practice(
        doctor_id=doctor.id,
        name=doctor.name,
        organisation_id=doctor.organisation_id,
        zone=clock.zone(rules.timezone),
        earliest=now + notice,
        latest=now + timedelta(days=365 if at_desk else rules.booking_horizon_days),
        approval_required=rules.approval_required,
    )


@dataclass(slots=True)
class Diary:
    """A doctor's windows and what already takes their time, for a range of days."""

    practice: Practice
    windows: list[Window]
    busy: list[Busy]
    off: list[tuple[datetime, datetime]]

    def slots(self, first: date, last: date) -> list[Slot]:
        """All slots of the days within the rules, free and booked."""
        practice = self.practice
        found = slots_between(
            self.windows, practice.zone, first, last, off=self.off, busy=self.busy
        )
        return [slot for slot in found if practice.earliest <= slot.start <= practice.latest]

    def free(self, first: date, last: date) -> list[Slot]:
        return [slot for slot in self.slots(first, last) if slot.available]


_SINCE: sa.BindParameter[datetime] = sa.bindparam("since", type_=UtcDateTime)
_UNTIL: sa.BindParameter[datetime] = sa.bindparam("until", type_=UtcDateTime)
_NO_WINDOW = tuple(  # with its types: the first SELECT of a union names them
    sa.type_coerce(sa.null(), column.type).label(column.name) for column in schedules.WINDOW
)
_NO_TIME = (sa.null(), sa.null(), sa.null())
# Visits that hold a seat, windows in force and time off: all that makes a diary, in one answer.
_DIARIES: sa.CompoundSelect[Any] = sa.union_all(
    sa.select(
        Appointment.doctor_id,
        Appointment.starts_at,
        Appointment.ends_at,
        Appointment.seat,
        *_NO_WINDOW,
    ).where(
        Appointment.doctor_id.in_(_DOCTORS),
        Appointment.starts_at >= _SINCE,
        Appointment.starts_at < _UNTIL,
        Appointment.status.in_(sorted(ACTIVE)),
        Appointment.seat.is_not(None),
    ),
    sa.select(Schedule.doctor_id, *_NO_TIME, *schedules.WINDOW).where(
        Schedule.doctor_id.in_(_DOCTORS), Schedule.withdrawn_at.is_(None)
    ),
    sa.select(TimeOff.doctor_id, TimeOff.starts_at, TimeOff.ends_at, sa.null(), *_NO_WINDOW).where(
        TimeOff.doctor_id.in_(_DOCTORS),
        TimeOff.ends_at > _SINCE,
        TimeOff.starts_at < _UNTIL,
        TimeOff.withdrawn_at.is_(None),
    ),
)


def diaries(found: dict[UUID, Practice], first: date, last: date) -> dict[UUID, Diary]:
    """Diaries of these practices, good for the local days `first` to `last`."""
    made = {key: Diary(practice, [], [], []) for key, practice in found.items()}
    # A day wider on both sides than any zone is away from UTC; a visit lasts 8 hours at most.
    since = clock.day_bounds(first - timedelta(days=2), clock.zone("UTC"))[0]
    until = clock.day_bounds(last + timedelta(days=1), clock.zone("UTC"))[1]
    asked = {"doctors": list(found), "since": since, "until": until}
    for doctor_id, start, end, seat, *window in db.session.execute(_DIARIES, asked):
        diary = made[doctor_id]
        if start is None:
            diary.windows.append(Window(*window))
        elif seat is None:
            diary.off.append((start, end))
        else:
            diary.busy.append(Busy(start, end, seat))
    return made


def offered_slot(
    doctor_id: UUID, start: datetime, at_desk: bool = False
) -> tuple[Practice, Slot] | None:
    """The slot that begins at that instant, free or full, if it is offered at all."""
    found = practices([doctor_id], at_desk)
    if doctor_id not in found:
        return None
    day = start.astimezone(found[doctor_id].zone).date()
    diary = diaries(found, day, day)[doctor_id]
    for slot in diary.slots(day, day):
        if slot.start == start:
            return diary.practice, slot
    return None


@dataclass(frozen=True, slots=True)
class DayPart:
    """Local hours a visitor asks for: from `first` up to but not including `until`."""

    first: int = 0
    until: int = 24

    def holds(self, moment: datetime, zone: ZoneInfo) -> bool:
        return self.first <= moment.astimezone(zone).hour < self.until


def next_free(
    found: dict[UUID, Practice],
    many: int = 3,
    since: date | None = None,
    part: DayPart | None = None,
) -> dict[UUID, list[Slot]]:
    """The next free slots of each doctor, of one day each, from `since` on."""
    return _next_free(found, many, since, part) if found else {}


def _next_free(
    found: dict[UUID, Practice], many: int, since: date | None, part: DayPart | None
) -> dict[UUID, list[Slot]]:
    first = max(since or date.min, min(clock.today(practice.zone) for practice in found.values()))
    soon = first + timedelta(days=LOOK_AHEAD_DAYS)
    free = {
        key: _first_day_with(diary, first, soon, many, part)
        for key, diary in diaries(found, first, soon).items()
    }
    rest = {key: practice for key, practice in found.items() if not free[key]}
    if rest:
        last = max(practice.latest for practice in rest.values()).date()
        for key, diary in diaries(rest, soon, last).items():
            free[key] = _first_day_with(diary, soon, last, many, part)
    return free


def _first_day_with(
    diary: Diary, first: date, last: date, many: int, part: DayPart | None
) -> list[Slot]:
    zone = diary.practice.zone
    last = min(last, diary.practice.latest.astimezone(zone).date())
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        free = diary.free(day, day)
        if part:
            free = [slot for slot in free if part.holds(slot.start, zone)]
        if free:
            return free[:many]
    return []


@dataclass(frozen=True, slots=True)
class Choice:
    """A picked slot, in words for the confirm step, the login and the sign-up page."""

    doctor_id: UUID
    start: datetime
    doctor: str
    weekday: str
    day: str
    month: str
    day_label: str
    time_range: str
    where: str
    zone_label: str
    organisation_id: UUID
    approval_required: bool


def parse_start(text: str | None) -> datetime | None:
    """An instant out of a URL or form; None for anything that is not one with an offset."""
    try:
        # A plus sign that arrives as a space is the commonest way to break an offset.
        moment = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError:
        return None
    if moment.tzinfo is None or not 1900 <= moment.year <= 2100:
        return None
    return moment


def choice(doctor: str | None, start: str | None, at_desk: bool = False) -> Choice | None:
    """Describe the slot if it is offered and free; None otherwise."""
    try:
        doctor_id, moment = UUID(doctor or ""), parse_start(start)
    except ValueError:
        return None
    offered = offered_slot(doctor_id, moment, at_desk) if moment else None
    if offered is None or not offered[1].available:
        return None
    return describe(*offered)


def choice_in(following: str) -> Choice | None:
    """The slot somebody picked before signing in, read out of where they go next."""
    parts = urlsplit(following)
    if parts.path != "/appointments/new":
        return None
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return choice(asked.get("doctor"), asked.get("start"))


def describe(practice: Practice, slot: Slot) -> Choice:
    local = slot.start.astimezone(practice.zone)
    return Choice(
        doctor_id=practice.doctor_id,
        start=slot.start,
        doctor=practice.name,
        weekday=f"{local:%a}",
        day=str(local.day),
        month=f"{local:%b}",
        day_label=clock.day_label(local.date(), clock.today(practice.zone).year),
        time_range=f"{local:%H:%M} to {clock.time_label(slot.end, practice.zone)}",
        where=_where(slot.location_id),
        zone_label=clock.zone_label(slot.start, practice.zone),
        organisation_id=practice.organisation_id,
        approval_required=practice.approval_required,
    )


def _where(location_id: UUID | None) -> str:
    row = db.session.execute(
        sa.select(Location.name, Location.address).where(Location.id == location_id)
    ).one_or_none()
    return ", ".join(filter(None, row)) if row else ""  # not every place has an address
