"""When a desk is open, on the wall clock of its organisation: pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES = 24 * 60  # of a day
Span = Sequence[int]  # from and to, in minutes of the wall clock
Week = Sequence[Span | None]  # by weekday, Monday first
_A_WEEK = 7


def closed_since(week: Week, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """When it closed last. None while it is open, and of a desk that never opens."""
    today = moment.astimezone(zone).date()
    times = list(_times(week, today - timedelta(days=_A_WEEK), _A_WEEK + 1, zone))
    if any(start <= moment < end for start, end in times):
        return None
    return max((end for _, end in times if end <= moment), default=None)


def opens_at(week: Week, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """When it opens next. None of a desk that never does."""
    today = moment.astimezone(zone).date()
    times = _times(week, today, _A_WEEK + 1, zone)
    return min((start for start, _ in times if start > moment), default=None)


def _times(
    week: Week, first: date, days: int, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    for number in range(days):
        day = first + timedelta(days=number)
        if span := week[day.weekday()]:
            yield _instant(day, span[0], zone), _instant(day, span[1], zone)


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    day += timedelta(days=minutes // MINUTES)
    wall = time(minutes % MINUTES // 60, minutes % 60)
    return datetime.combine(day, wall, zone).astimezone(UTC)
