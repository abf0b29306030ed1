"""Windows, time off and visits of one day become slots, as simply as it can be said."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]


class Slot(NamedTuple):
    start: datetime
    end: datetime
    schedule_id: UUID
    location_id: UUID
    capacity: int
    booked: int
    available: int
    free_seat: int | None


def bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    return _instant(day, time(), zone), _instant(day + timedelta(days=1), time(), zone)


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def bookable(doctor: Row) -> tuple[datetime, datetime]:
    """Between which instants a patient may book."""
    now = datetime.now(UTC)
    notice = timedelta(minutes=doctor["minimum_notice_minutes"])
    return now + notice, now + timedelta(days=doctor["booking_horizon_days"])


def within(slot: Slot, earliest: datetime, latest: datetime) -> Slot:
    if earliest <= slot.start <= latest:
        return slot
    return slot._replace(available=0, free_seat=None)


def slots(
    windows: Sequence[Row], off: Sequence[Row], visits: Sequence[Row], day: date, zone: str
) -> list[Slot]:
    found = [slot for window in windows for slot in _of_window(window, off, visits, day, zone)]
    return sorted(found, key=lambda slot: slot.start)


def _of_window(
    window: Row, off: Sequence[Row], visits: Sequence[Row], day: date, zone: str
) -> list[Slot]:
    opens = _instant(day, window["start_time"], zone)
    closes = _instant(day, window["end_time"], zone)
    step, capacity, most = timedelta(minutes=window["slot_minutes"]), window["capacity"], None
    if window["max_patients"]:
        meanwhile = sum(opens <= visit["starts_at"] < closes for visit in visits)
        most = window["max_patients"] - meanwhile
    found, start = [], opens
    while (end := start + step) <= closes:
        if not any(_meets(away, start, end) for away in off):
            taken = {visit["seat"] for visit in visits if _meets(visit, start, end)}
            booked = min(capacity, len(taken))
            left = 0 if most is not None and most <= 0 else capacity - booked
            seat = next(n for n in range(1, capacity + 2) if n not in taken) if left else None
            ids = (window["id"], window["location_id"])
            found.append(Slot(start, end, *ids, capacity, booked, left, seat))
        start = end
    return found


def _meets(row: Row, start: datetime, end: datetime) -> bool:
    return row["starts_at"] < end and row["ends_at"] > start


def _instant(day: date, wall: time, zone: str) -> datetime:
    return datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)


def as_json(payload: dict[str, str]) -> str:
    return json.dumps(payload)
