"""When a desk is open: on the wall clock, over midnight, weekends and changes of the clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic.messaging.conversations.hours import closed_since, opens_at

NINE, FIVE, MIDNIGHT = 9 * 60, 17 * 60, 24 * 60
OFFICE = [[NINE, FIVE]] * 5 + [None, None]
ALWAYS = [[0, MIDNIGHT]] * 7
LATE = [[NINE, MIDNIGHT]] * 7
MONDAYS = [[NINE, FIVE], *[None] * 6]
NEVER = [None] * 7
LONDON, KOLKATA, NEW_YORK = "Europe/London", "Asia/Kolkata", "America/New_York"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


@pytest.mark.parametrize(
    ("week", "zone", "now", "since", "opens"),
    [
        (OFFICE, LONDON, "2026-11-16T09:00", None, "2026-11-17T09:00"),  # Monday, to the minute
        (OFFICE, LONDON, "2026-11-16T16:59", None, "2026-11-17T09:00"),
        (OFFICE, LONDON, "2026-11-16T17:00", "2026-11-16T17:00", "2026-11-17T09:00"),
        (OFFICE, LONDON, "2026-11-16T06:30", "2026-11-13T17:00", "2026-11-16T09:00"),
        (OFFICE, LONDON, "2026-11-21T12:00", "2026-11-20T17:00", "2026-11-23T09:00"),  # Saturday
        (OFFICE, KOLKATA, "2026-11-16T03:29", "2026-11-13T11:30", "2026-11-16T03:30"),
        (OFFICE, KOLKATA, "2026-11-16T03:30", None, "2026-11-17T03:30"),
        # 20:30 on Sunday in New York is Monday in London already.
        (OFFICE, NEW_YORK, "2026-11-16T01:30", "2026-11-13T22:00", "2026-11-16T14:00"),
        # The clocks go back on Sunday 25 October, and forward on Sunday 28 March.
        (OFFICE, LONDON, "2026-10-25T12:00", "2026-10-23T16:00", "2026-10-26T09:00"),
        (OFFICE, LONDON, "2027-03-28T12:00", "2027-03-26T17:00", "2027-03-29T08:00"),
        (ALWAYS, LONDON, "2026-11-16T00:00", None, "2026-11-17T00:00"),
        (ALWAYS, NEW_YORK, "2026-11-01T05:59", None, "2026-11-02T05:00"),  # the 25-hour day
        (LATE, LONDON, "2026-11-16T23:59", None, "2026-11-17T09:00"),
        (LATE, LONDON, "2026-11-17T00:00", "2026-11-17T00:00", "2026-11-17T09:00"),
        (MONDAYS, LONDON, "2026-11-16T08:59", "2026-11-09T17:00", "2026-11-16T09:00"),
        (MONDAYS, LONDON, "2026-11-16T17:01", "2026-11-16T17:00", "2026-11-23T09:00"),
    ],
)
def test_when_it_closed_and_opens(week, zone, now, since, opens):
    moment, zone = at(now), ZoneInfo(zone)
    assert closed_since(week, moment, zone) == at(since)
    assert opens_at(week, moment, zone) == at(opens)


def test_a_desk_that_never_opens_is_no_closed_one():
    moment = at("2026-11-16T12:00")
    assert closed_since(NEVER, moment, ZoneInfo(LONDON)) is None
    assert opens_at(NEVER, moment, ZoneInfo(LONDON)) is None
