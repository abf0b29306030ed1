"""The next free times of many doctors at once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.appointments.offer.diary import Diary, diaries
from clinic.appointments.offer.practice import Practice
from clinic.core import clock
from clinic.schedules.slots import Slot

LOOK_AHEAD_DAYS = 14  # most doctors have a free slot within two weeks
FEW, LOOK_FIRST_DAYS = 10, 4  # doctors; and how far is looked at first for more of them


@dataclass(frozen=True, slots=True)
class DayPart:
    """Local hours a visitor asks for: from `first` up to but not including `until`."""

    first: int = 0
    until: int = 24

    def holds(self, moment: datetime, zone: ZoneInfo) -> bool:
        return self.first <= moment.astimezone(zone).hour < self.until


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which free slots; None means any."""

    many: int
    part: DayPart | None
    location: UUID | None


def next_free(
    found: dict[UUID, Practice],
    many: int = 3,
    since: date | None = None,
    part: DayPart | None = None,
    location: UUID | None = None,
) -> dict[UUID, list[Slot]]:
    """The next free slots of each doctor, of one day each, from `since` on, at that place alone."""
    return _next_free(found, since, Wanted(many, part, location)) if found else {}


def _next_free(
    found: dict[UUID, Practice], since: date | None, wanted: Wanted
) -> dict[UUID, list[Slot]]:
    first = max(since or date.min, min(clock.today(practice.zone) for practice in found.values()))
    # Of many doctors two weeks are thousands of visits, and most are free within days.
    soon = first + timedelta(days=LOOK_AHEAD_DAYS if len(found) <= FEW else LOOK_FIRST_DAYS)
    free = {
        key: _first_day_with(diary, first, soon, wanted)
        for key, diary in diaries(found, first, soon).items()
    }
    rest = {key: practice for key, practice in found.items() if not free[key]}
    if rest:
        last = max(practice.latest for practice in rest.values()).date()
        for key, diary in diaries(rest, soon, last).items():
            free[key] = _first_day_with(diary, soon, last, wanted)
    return free


def _first_day_with(diary: Diary, first: date, last: date, wanted: Wanted) -> list[Slot]:
    zone, part = diary.practice.zone, wanted.part
    last = min(last, diary.practice.latest.astimezone(zone).date())
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        free = diary.free(day, day, wanted.location)
        if part:
            free = [slot for slot in free if part.holds(slot.start, zone)]
        if free:
            return free[: wanted.many]
    return []
