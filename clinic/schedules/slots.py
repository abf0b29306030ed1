"""Windows, time off and the busy list of one doctor make slots.

Everything is measured between instants, so a 23-hour day holds fewer slots and a 25-hour day more.
Intervals are half-open. Seats are numbered from 1.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, count
from operator import attrgetter
from uuid import UUID
from zoneinfo import ZoneInfo

END_OF_DAY = time.max  # how a window that ends at midnight says so: no clock shows 24:00


@dataclass(frozen=True, slots=True)
class Window:
    """Opening hours on the local wall clock: weekly (`weekday`, Monday 0) or on one date (`on`)."""

    id: UUID
    doctor_id: UUID
    start: time
    end: time
    slot_minutes: int = 30
    capacity: int = 1
    weekday: int | None = None
    on: date | None = None
    valid_from: date | None = None  # both inclusive, weekly windows only
    valid_until: date | None = None
    max_patients: int | None = None
    location_id: UUID | None = None

    def __post_init__(self) -> None:
        if (self.weekday is None) == (self.on is None):
            raise ValueError("a window is either weekly or dated")
        if self.slot_minutes < 1 or self.capacity < 1:
            raise ValueError("a slot has a length and a seat")

    def happens_on(self, day: date) -> bool:
        if self.on is not None:
            return day == self.on
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class Busy:
    """A visit or a live hold, in aware UTC instants. A squeeze-in holds no seat (None)."""

    start: datetime
    end: datetime
    seat: int | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A bookable piece of a window, in aware UTC instants. `free_seat` is None when it is full."""

    start: datetime
    end: datetime
    schedule_id: UUID
    location_id: UUID | None
    capacity: int
    booked: int
    available: int
    free_seat: int | None


def slots_between(
    windows: Iterable[Window],
    zone: ZoneInfo,
    first: date,
    last: date,
    *,
    off: Sequence[tuple[datetime, datetime]] = (),
    busy: Sequence[Busy] = (),
) -> list[Slot]:
    """Return the free and the booked slots of the local days `first` to `last`, sorted by start.

    A slot that meets time off is left out.
    """
    windows = tuple(windows)
    visits = _Timeline(busy)
    absences = _Timeline([Busy(start, end, None) for start, end in off])
    found: list[Slot] = []
    for day in _days(first, last):
        for window in windows:
            if window.happens_on(day):
                found += _Opening(window, day, zone).slots(absences, visits)
    found.sort(key=attrgetter("start"))
    return found


def windows_overlap(a: Window, b: Window) -> bool:
    """Tell whether both windows can be in force at one local instant. Touching ends cannot."""
    if a.end <= b.start or b.end <= a.start:
        return False
    if a.on is not None:
        return b.happens_on(a.on)
    if b.on is not None:
        return a.happens_on(b.on)
    # Validity is an unbroken range, so the first week of both holds their day if any does.
    first = max(a.valid_from or date.min, b.valid_from or date.min)
    week = _days(first, first + timedelta(days=6))
    return any(a.happens_on(day) and b.happens_on(day) for day in week)


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which the clocks of `zone` show `wall` on `day`.

    A time the clocks skip is the first instant after the gap; a repeated one is its first pass.
    """
    local = datetime.combine(day, wall.replace(fold=0), zone)
    first = local.astimezone(UTC)
    second = local.replace(fold=1).astimezone(UTC)
    # PEP 495: only inside a gap does fold 1 come before fold 0.
    return first if first <= second else _end_of_gap(second, first, local)


def closing(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The same for the end of a window, which may be the midnight after `day`."""
    if wall == END_OF_DAY:
        return instant(day + timedelta(days=1), time(0), zone)
    return instant(day, wall, zone)


def shown(wall: time) -> str:
    """`09:00`, and `24:00` for the end of a day."""
    return "24:00" if wall == END_OF_DAY else f"{wall:%H:%M}"


def minutes_between(start: time, end: time) -> int:
    """On the wall clock; `end` may be the end of the day."""
    last = 24 * 60 if end == END_OF_DAY else end.hour * 60 + end.minute
    return last - start.hour * 60 - start.minute


class _Opening:
    """A window on one day: its instants, and the slots between them by number."""

    __slots__ = ("closes", "count", "opens", "step", "window")

    def __init__(self, window: Window, day: date, zone: ZoneInfo) -> None:
        self.window = window
        self.opens = instant(day, window.start, zone)
        self.closes = closing(day, window.end, zone)
        self.step = timedelta(minutes=window.slot_minutes)
        self.count = (self.closes - self.opens) // self.step

    def slots(self, absences: "_Timeline", visits: "_Timeline") -> Iterator[Slot]:
        shut = {number for away in self._near(absences) for number in self._touched_by(away)}
        visiting = self._near(visits)
        taken = self._seats_taken(visiting)
        sold_out = self._is_sold_out(visiting)
        window, start = self.window, self.opens
        schedule, location, capacity = window.id, window.location_id, window.capacity
        untouched = _seating(capacity, set(), sold_out)
        for number in range(self.count):
            end = start + self.step
            if number not in shut:
                seating = untouched
                if number in taken:
                    seating = _seating(capacity, taken[number], sold_out)
                yield Slot(start, end, schedule, location, capacity, *seating)
            start = end

    def _near(self, timeline: "_Timeline") -> Sequence[Busy]:
        return timeline.between(self.opens, self.closes)

    def _seats_taken(self, visiting: Sequence[Busy]) -> dict[int, set[int]]:
        taken: dict[int, set[int]] = {}
        for visit in visiting:
            if visit.seat is not None:
                for number in self._touched_by(visit):
                    taken.setdefault(number, set()).add(visit.seat)
        return taken

    def _is_sold_out(self, visiting: Sequence[Busy]) -> bool:
        limit = self.window.max_patients
        if limit is None:
            return False
        return limit <= sum(v.seat is not None and v.start >= self.opens for v in visiting)

    def _touched_by(self, interval: Busy) -> range:
        """Return the numbers of the slots the interval overlaps, whatever grid it was made on."""
        before = (interval.start - self.opens) // self.step
        after = -((self.opens - interval.end) // self.step)  # rounded up
        return range(max(0, before), min(self.count, after))


class _Timeline:
    """Intervals sorted once, so that each opening looks at its own neighbourhood only."""

    __slots__ = ("intervals", "reach", "starts")

    def __init__(self, intervals: Iterable[Busy]) -> None:
        self.intervals = sorted(intervals, key=attrgetter("start"))
        self.starts = [interval.start for interval in self.intervals]
        # The latest end so far: it never falls, so bisect works although lengths differ.
        self.reach = list(accumulate((interval.end for interval in self.intervals), max))

    def between(self, opens: datetime, closes: datetime) -> Sequence[Busy]:
        """Return at least all intervals that overlap [opens, closes), and none that start later."""
        return self.intervals[bisect_right(self.reach, opens) : bisect_left(self.starts, closes)]


def _seating(capacity: int, used: set[int], sold_out: bool) -> tuple[int, int, int | None]:
    """Return how many seats are booked and available, and the lowest free one."""
    booked = len(used)  # perhaps more than there are places now
    if sold_out or booked >= capacity:
        return booked, 0, None
    return booked, capacity - booked, next(seat for seat in count(1) if seat not in used)


def _end_of_gap(before: datetime, after: datetime, local: datetime) -> datetime:
    """Search the second at which the clocks jump over `local`; zoneinfo does not tell it."""
    before = before.replace(microsecond=0)

    def shown(second: int) -> datetime:
        return (before + timedelta(seconds=second)).astimezone(local.tzinfo).replace(tzinfo=None)

    seconds = range(int((after - before).total_seconds()))
    jump = bisect_right(seconds, local.replace(tzinfo=None), key=shown)
    return before + timedelta(seconds=jump)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
