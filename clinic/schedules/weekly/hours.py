"""The weekly hours of a doctor as a person enters them: several days at once, over midnight too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import time
from uuid import UUID

from clinic.access.actor import Actor
from clinic.core.data.db import transactional
from clinic.core.errors import N_
from clinic.schedules.errors import BadWindow
from clinic.schedules.service import NewWindow, publish_window
from clinic.schedules.slots import END_OF_DAY, minutes_between

LONGEST_NIGHT = 14 * 60  # minutes: what ends before it starts and is longer is a slip


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """An `end` that is not after `start` is one of the next day; midnight is 00:00."""

    days: Sequence[int]  # Monday 0
    start: time
    end: time
    slot_minutes: int
    location_id: UUID | None = None  # None: where the doctor mostly works


@transactional
def publish_hours(doctor_id: UUID, hours: WeeklyHours, actor: Actor) -> None:
    """All of them or none. Raises BadWindow, WindowsOverlap or NotFound."""
    for window in list(windows_of(hours)):
        publish_window(doctor_id, window, actor)


def windows_of(hours: WeeklyHours) -> Iterator[NewWindow]:
    """Over midnight there are two for each day. Raises BadWindow."""
    if not hours.days:
        raise BadWindow(N_("Choose at least one day."))
    end = END_OF_DAY if hours.end == time(0) else hours.end
    is_overnight = end <= hours.start
    if is_overnight and _through_the_night(hours) > LONGEST_NIGHT:
        raise BadWindow(N_("The hours end before they start. Check both times."))
    for day in sorted(set(hours.days)):
        window = NewWindow(
            location_id=hours.location_id,
            start=hours.start,
            end=END_OF_DAY if is_overnight else end,
            weekday=day,
            slot_minutes=hours.slot_minutes,
        )
        yield window
        if is_overnight:
            yield replace(window, start=time(0), end=end, weekday=(day + 1) % 7)


def _through_the_night(hours: WeeklyHours) -> int:
    return minutes_between(hours.start, END_OF_DAY) + minutes_between(time(0), hours.end)
