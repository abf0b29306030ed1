"""A doctor's windows, time off and visits, for a range of days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.appointments.offer.practice import DOCTORS, Practice, Which, practices
from clinic.appointments.vocabulary import ACTIVE
from clinic.core import clock
from clinic.core.data.db import UtcDateTime, db
from clinic.schedules import queries as schedules
from clinic.schedules.models import Schedule, TimeOff
from clinic.schedules.slots import Busy, Slot, Window, slots_between


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

    def free(self, first: date, last: date, location: UUID | None = None) -> list[Slot]:
        """Those that can be booked, at one place or at all."""
        return [
            slot
            for slot in self.slots(first, last)
            if slot.available and location in (None, slot.location_id)
        ]

    def slot_at(self, start: datetime) -> Slot | None:
        """The one that begins then, free or full."""
        day = start.astimezone(self.practice.zone).date()
        return next((slot for slot in self.slots(day, day) if slot.start == start), None)


_SINCE: sa.BindParameter[datetime] = sa.bindparam("since", type_=UtcDateTime)
_UNTIL: sa.BindParameter[datetime] = sa.bindparam("until", type_=UtcDateTime)
# Written out, so that the text of the statement is always the same.
_ACTIVE = [sa.literal_column(f"'{status}'", sa.String) for status in sorted(ACTIVE)]


def visits_of(which: Which) -> sa.Select[*tuple[Any, ...]]:
    """Visits that hold a seat: the columns of a Busy."""
    return sa.select(Appointment.starts_at, Appointment.ends_at, Appointment.seat).where(
        which(Appointment.doctor_id),
        Appointment.starts_at >= _SINCE,
        Appointment.starts_at < _UNTIL,
        Appointment.status.in_(_ACTIVE),
        Appointment.seat.is_not(None),
    )


def windows_of(which: Which) -> sa.Select[*tuple[Any, ...]]:
    """Windows in force: the columns of a Window."""
    return sa.select(*schedules.WINDOW).where(
        which(Schedule.doctor_id), Schedule.withdrawn_at.is_(None)
    )


def time_off_of(which: Which) -> sa.Select[*tuple[Any, ...]]:
    """When a doctor is away: from, until."""
    return sa.select(TimeOff.starts_at, TimeOff.ends_at).where(
        which(TimeOff.doctor_id),
        TimeOff.ends_at > _SINCE,
        TimeOff.starts_at < _UNTIL,
        TimeOff.withdrawn_at.is_(None),
    )


_NO_WINDOW = tuple(  # with its types: the first SELECT of a union names them
    sa.type_coerce(sa.null(), column.type).label(column.name) for column in schedules.WINDOW
)
_NO_TIME = (sa.null(), sa.null(), sa.null())


def _of_many(doctor: Any) -> sa.ColumnElement[bool]:
    return doctor.in_(DOCTORS)


# All that makes a diary, of many doctors in one answer.
_DIARIES: sa.CompoundSelect[Any] = sa.union_all(
    visits_of(_of_many).with_only_columns(
        Appointment.doctor_id,
        Appointment.starts_at,
        Appointment.ends_at,
        Appointment.seat,
        *_NO_WINDOW,
    ),
    windows_of(_of_many).with_only_columns(Schedule.doctor_id, *_NO_TIME, *schedules.WINDOW),
    time_off_of(_of_many).with_only_columns(
        TimeOff.doctor_id, TimeOff.starts_at, TimeOff.ends_at, sa.null(), *_NO_WINDOW
    ),
)


def between(first: date, last: date) -> dict[str, datetime]:
    """The instants to read between for the local days `first` to `last`, wherever that is."""
    # A day wider on both sides than any zone is away from UTC; a visit lasts 8 hours at most.
    utc = clock.zone("UTC")
    since = clock.day_bounds(first - timedelta(days=2), utc)[0]
    return {"since": since, "until": clock.day_bounds(last + timedelta(days=1), utc)[1]}


def diaries(found: dict[UUID, Practice], first: date, last: date) -> dict[UUID, Diary]:
    """Diaries of these practices, good for the local days `first` to `last`."""
    made = {key: Diary(practice, [], [], []) for key, practice in found.items()}
    asked = {"doctors": list(found), **between(first, last)}
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
    practice = found[doctor_id]
    day = start.astimezone(practice.zone).date()
    slot = diaries(found, day, day)[doctor_id].slot_at(start)
    return (practice, slot) if slot else None
