"""Quiet hours move what can wait: pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.reminders.quiet import A_DAY, Quiet

LONDON = ZoneInfo("Europe/London")
NIGHT, NOON, NONE = (21 * 60, 8 * 60), (12 * 60, 14 * 60), (480, 480)


def wall(said, fold=0):
    return datetime.fromisoformat(said).replace(tzinfo=LONDON, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "at", "visit", "moved"),
    [
        (NIGHT, "2026-11-16T20:59", "2026-11-17T09:00", "2026-11-16T20:59"),
        (NIGHT, "2026-11-16T21:00", "2026-11-17T09:00", "2026-11-16T21:00"),
        (NIGHT, "2026-11-16T21:01", "2026-11-17T09:00", "2026-11-17T08:00"),
        (NIGHT, "2026-11-17T00:00", "2026-11-17T09:00", "2026-11-17T08:00"),
        (NIGHT, "2026-11-17T07:59", "2026-11-17T09:00", "2026-11-17T08:00"),
        (NIGHT, "2026-11-17T08:00", "2026-11-17T09:00", "2026-11-17T08:00"),
        # Their end would be too late, or the very moment it begins.
        (NIGHT, "2026-11-17T06:30", "2026-11-17T07:30", "2026-11-16T21:00"),
        (NIGHT, "2026-11-17T06:00", "2026-11-17T08:00", "2026-11-16T21:00"),
        (NIGHT, "2026-11-16T21:30", "2026-11-16T22:30", "2026-11-16T21:00"),
        (NIGHT, "2026-11-17T02:00", None, "2026-11-17T08:00"),
        (NOON, "2026-11-17T12:30", "2026-11-17T15:00", "2026-11-17T14:00"),
        (NOON, "2026-11-17T12:30", "2026-11-17T13:30", "2026-11-17T12:00"),
        (NOON, "2026-11-17T23:30", "2026-11-18T13:30", "2026-11-17T23:30"),
        (NONE, "2026-11-17T03:00", "2026-11-17T09:00", "2026-11-17T03:00"),
        # The nights in which clocks change are as quiet by the clock on the wall.
        (NIGHT, "2026-03-29T02:30", "2026-03-29T12:00", "2026-03-29T08:00"),
        (NIGHT, "2026-10-25T05:00", "2026-10-25T07:00", "2026-10-24T21:00"),
        (NIGHT, "2026-10-25T05:00", "2026-10-25T12:00", "2026-10-25T08:00"),
        # An end in the hour that is skipped, and in the one that comes twice.
        ((23 * 60, 90), "2026-03-29T00:30", "2026-03-29T12:00", "2026-03-29T02:30"),
    ],
)
def test_into_their_end_or_before_their_begin(hours, at, visit, moved):
    found = Quiet(*hours, LONDON).moved(wall(at), wall(visit) if visit else None)
    assert found == wall(moved)


def test_an_end_that_comes_twice_is_the_second():
    quiet = Quiet(23 * 60, 90, LONDON)
    assert quiet.moved(wall("2026-10-25T00:30")) == wall("2026-10-25T01:30", fold=1)


@pytest.mark.parametrize("minute", [75, 90])
def test_no_hours_are_none_in_the_night_that_has_one_twice(minute):
    at = wall("2026-10-25T01:30", fold=1) - timedelta(minutes=20)
    assert Quiet(minute, minute, LONDON).moved(at) == at


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds it


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, A_DAY - 1), st.integers(0, A_DAY - 1), MOMENTS, st.integers(1, 3000))
def test_what_was_moved_stays_and_is_never_too_late(begin, end, at, minutes):
    quiet = Quiet(begin, end, LONDON)
    visit = at + timedelta(minutes=minutes)
    moved = quiet.moved(at, visit)
    assert moved < visit
    assert quiet.moved(moved, visit) == moved
    assert abs(moved - at) <= timedelta(hours=25)
