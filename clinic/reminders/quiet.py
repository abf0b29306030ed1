"""The hours of a night in which nobody is reminded of what can wait: pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = 24 * 60  # minutes
BEGIN, END = 21 * 60, 8 * 60  # of an organisation that never chose


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of day to another, in minutes after midnight on a clock on the wall. Where
    both are the same there are none."""

    begin: int
    end: int
    zone: ZoneInfo

    def moved(self, at: datetime, before: datetime | None = None) -> datetime:
        """`at` itself, or the end of the quiet hours it falls into; their begin, where their end
        is not earlier than `before`. Their first and their last moment are not quiet.
        """
        if self.begin == self.end:  # not even between the two moments that are called so
            return at
        today = at.astimezone(self.zone).date()
        for day in (today - timedelta(days=1), today):
            begin, end = self._hours(day)
            if begin < at < end:
                return end if before is None or end < before else begin
        return at

    def _hours(self, day: date) -> tuple[datetime, datetime]:
        """Those that begin on the day. Where clocks make a time twice, or skip it, the longer."""
        over_midnight = timedelta(days=1 if self.end < self.begin else 0)
        return min(self._at(day, self.begin)), max(self._at(day + over_midnight, self.end))

    def _at(self, day: date, minute: int) -> tuple[datetime, datetime]:
        said = datetime.combine(day, time(minute // 60, minute % 60), self.zone)
        return said.astimezone(UTC), said.replace(fold=1).astimezone(UTC)
