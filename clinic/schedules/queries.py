"""Windows and time off, as the pure slot maths wants them and as people read them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.core import clock, saying
from clinic.core.data.db import db
from clinic.organisations.models import Location
from clinic.schedules.models import Schedule, TimeOff
from clinic.schedules.slots import Window

# The columns of a slots.Window, in its order.
WINDOW = (
    Schedule.id,
    Schedule.doctor_id,
    Schedule.start_time,
    Schedule.end_time,
    Schedule.slot_minutes,
    Schedule.capacity,
    Schedule.weekday,
    Schedule.on_date,
    Schedule.valid_from,
    Schedule.valid_until,
    Schedule.max_patients,
    Schedule.location_id,
)


def windows_of(doctor_ids: Iterable[UUID]) -> dict[UUID, list[Window]]:
    """The windows in force, by doctor."""
    rows = db.session.execute(
        sa.select(*WINDOW).where(
            Schedule.doctor_id.in_(list(doctor_ids)), Schedule.withdrawn_at.is_(None)
        )
    )
    found: dict[UUID, list[Window]] = defaultdict(list)
    for row in rows:
        found[row.doctor_id].append(Window(*row))
    return found


@dataclass(frozen=True, slots=True)
class WindowLine:
    id: UUID
    times: str  # "09:00-12:00"
    note: str  # "30 min, 1 place, Quay Street"
    validity: str  # "from Mon 4 Jan", or ""


@dataclass(frozen=True, slots=True)
class WeekdayColumn:
    name: str
    windows: list[WindowLine]


@dataclass(frozen=True, slots=True)
class DatedLine:
    when: str
    what: str
    kind: str  # "time_off" or "window"


@dataclass(frozen=True, slots=True)
class Overview:
    weekdays: list[WeekdayColumn]
    hours: str  # "20.5 hours, about 41 places a week"
    dated: list[DatedLine]


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def overview(doctor_id: UUID, zone_name: str) -> Overview:
    """A doctor's week, dated windows and time off from today on."""
    zone = clock.zone(zone_name)
    today = clock.today(zone)
    rows = db.session.execute(
        sa.select(Schedule, Location.name)
        .join(Location, Location.id == Schedule.location_id)
        .where(
            Schedule.doctor_id == doctor_id,
            Schedule.withdrawn_at.is_(None),
            sa.or_(Schedule.valid_until.is_(None), Schedule.valid_until >= today),
            sa.or_(Schedule.on_date.is_(None), Schedule.on_date >= today),
        )
        .order_by(Schedule.start_time)
    ).all()
    weekly = [(row, place) for row, place in rows if row.weekday is not None]
    weekdays = [
        WeekdayColumn(
            name, [_line(row, place, today) for row, place in weekly if row.weekday == number]
        )
        for number, name in enumerate(WEEKDAYS)
    ]
    dated = [(row.on_date, _dated_window(row, place, today)) for row, place in rows if row.on_date]
    away = [
        (off.starts_at.astimezone(zone).date(), _away(off, zone, today))
        for off in _coming(doctor_id)
    ]
    lines = [line for _, line in sorted(dated + away, key=lambda pair: pair[0])]
    return Overview(weekdays, _weekly_hours([row for row, _ in weekly]), lines)


def _coming(doctor_id: UUID) -> Iterable[TimeOff]:
    return db.session.scalars(
        sa.select(TimeOff).where(
            TimeOff.doctor_id == doctor_id,
            TimeOff.withdrawn_at.is_(None),
            TimeOff.ends_at > clock.now(),
        )
    )


def _places(row: Schedule) -> str:
    return "1 place" if row.capacity == 1 else f"{row.capacity} places"


def _times(row: Schedule) -> str:
    return f"{row.start_time:%H:%M}–{row.end_time:%H:%M}"  # noqa: RUF001 - a range of times takes an en dash


def _line(row: Schedule, place: str, today: date) -> WindowLine:
    note = f"{row.slot_minutes} min, {_places(row)}, {place}"
    validity = []
    if row.valid_from and row.valid_from > today:
        validity.append(f"from {saying.day(row.valid_from, today.year)}")
    if row.valid_until:
        validity.append(f"until {saying.day(row.valid_until, today.year)}")
    return WindowLine(row.id, _times(row), note, " ".join(validity))


def _weekly_hours(rows: list[Schedule]) -> str:
    minutes = places = 0
    for row in rows:
        length = minutes_of(row)
        minutes += length
        places += length // row.slot_minutes * row.capacity
    return f"{minutes / 60:g} hours, about {places} places a week"


def minutes_of(row: Schedule) -> int:
    end, start = row.end_time, row.start_time
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def _dated_window(row: Schedule, place: str, today: date) -> DatedLine:
    assert row.on_date is not None  # noqa: S101 - chosen by it
    label = saying.day(row.on_date, today.year)
    when = f"{label}, {row.start_time:%H:%M} to {row.end_time:%H:%M}"
    return DatedLine(when, f"Extra clinic, {_places(row)}, {place}", "window")


def _away(off: TimeOff, zone: ZoneInfo, today: date) -> DatedLine:
    first, last = off.starts_at.astimezone(zone), off.ends_at.astimezone(zone)
    label = saying.day(first.date(), today.year)
    if first.date() == last.date():
        when = f"{label}, {first:%H:%M} to {last:%H:%M}"
    else:
        when = f"{label}, {first:%H:%M} to {saying.day(last.date(), today.year)}, {last:%H:%M}"
    return DatedLine(when, off.reason or "Away", "time_off")
