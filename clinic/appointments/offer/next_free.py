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
