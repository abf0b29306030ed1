"""Windows and time off, as the pure slot maths wants them and as an overview has them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.organisations.models import Location
from clinic.schedules.models import Schedule, TimeOff
from clinic.schedules.slots import Window, minutes_between

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
class HeldWindow:
    """A window and where it is held: weekly with `weekday` (Monday 0), or for one day with `on`."""

    id: UUID
    weekday: int | None
    on: date | None
    start: time
    end: time
    slot_minutes: int
    capacity: int
    valid_from: date | None
    valid_until: date | None
    place: str

    @property
    def minutes(self) -> int:
        return minutes_between(self.start, self.end)

    @property
    def places(self) -> int:
        """How many people it takes each time."""
        return self.minutes // self.slot_minutes * self.capacity


@dataclass(frozen=True, slots=True)
class Away:
    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    weekly: list[HeldWindow]
    dated: list[HeldWindow]
    away: list[Away]


# The columns of a HeldWindow, in its order.
HELD: tuple[Any, ...] = (
    Schedule.id,
    Schedule.weekday,
    Schedule.on_date,
    Schedule.start_time,
    Schedule.end_time,
    Schedule.slot_minutes,
    Schedule.capacity,
    Schedule.valid_from,
    Schedule.valid_until,
    Location.name,
)


def overview(doctor_id: UUID, zone: ZoneInfo) -> Overview:
    """A doctor's week, dated windows and time off from today on."""
    today = clock.today(zone)
    rows = db.session.execute(
        sa.select(*HELD)
        .join(Location, Location.id == Schedule.location_id)
        .where(
            Schedule.doctor_id == doctor_id,
            Schedule.withdrawn_at.is_(None),
            sa.or_(Schedule.valid_until.is_(None), Schedule.valid_until >= today),
            sa.or_(Schedule.on_date.is_(None), Schedule.on_date >= today),
        )
        .order_by(Schedule.start_time)
    )
    windows = [HeldWindow(*row) for row in rows]
    return Overview(
        weekly=[one for one in windows if one.on is None],
        dated=[one for one in windows if one.on is not None],
        away=_coming(doctor_id),
    )


def _coming(doctor_id: UUID) -> list[Away]:
    rows = db.session.execute(
        sa.select(TimeOff.starts_at, TimeOff.ends_at, TimeOff.reason).where(
            TimeOff.doctor_id == doctor_id,
            TimeOff.withdrawn_at.is_(None),
            TimeOff.ends_at > clock.now(),
        )
    )
    return [Away(*row) for row in rows]
