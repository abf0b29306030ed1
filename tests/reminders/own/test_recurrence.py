"""When a reminder comes again: by the clock on the wall, in every zone, bounded."""

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.core.errors import Wrong
from clinic.reminders.own.recurrence import SHORTEST, Turn, first, following, instant, read, turns

LONDON = ZoneInfo("Europe/London")
# Half an hour's change, a change at midnight, none at all, the date line, and the other half.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Asia/Kolkata",
        "Pacific/Apia",
    )
]  # fmt: skip
RULES = [
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA", "FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "FREQ=YEARLY",
    "FREQ=DAILY;BYHOUR=1,2,8,20;BYMINUTE=0,30", "FREQ=HOURLY;INTERVAL=5", "FREQ=HOURLY;BYDAY=SU",
    "FREQ=MINUTELY;INTERVAL=90;BYHOUR=0,1,2,3",
]  # fmt: skip
FROM, TO = (datetime(*day) for day in ((2026, 1, 1), (2027, 12, 31)))  # noqa: DTZ001 - made aware below
STARTS = st.datetimes(FROM, TO).map(lambda one: one.replace(second=0, microsecond=0, tzinfo=UTC))


def year_of(rule, zone, start):
    """All occurrences of a year."""
    turn, found = first(rule, zone, start), []
    while turn and turn.at < start + timedelta(days=366):
        found.append(turn)
        turn = following(rule, zone, turn)
    return found


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_year_is_what_the_rule_says_by_the_wall(zone):
    """Step by step it is the same as counted from the beginning, and the wall's time is kept: but
    for hours that a clock skips, and what would come twice within them."""

    @settings(max_examples=4, deadline=None)
    @given(st.sampled_from(RULES), STARTS)
    def check(text, start):
        is_a_year_of(text, zone, start)

    check()


def is_a_year_of(text, zone, start):
    rule = read(text, zone)
    turns = year_of(rule, zone, start)
    begin = start.astimezone(zone).replace(tzinfo=None)
    walls = [one for one in rrulestr(text, dtstart=begin).between(begin, turns[-1].wall, inc=True)]
    told = {turn.wall for turn in turns}
    assert told <= set(walls)
    left_out = [one for one in walls if one not in told]
    assert all(is_near_a_change(one, zone) for one in left_out)
    for earlier, later in pairwise(turns):
        assert later.at - earlier.at >= SHORTEST
    for turn in turns[1:]:
        shown = turn.at.astimezone(zone).replace(tzinfo=None)
        assert shown == turn.wall or is_near_a_change(turn.wall, zone)


def is_near_a_change(wall, zone):
    around = (instant(wall + timedelta(hours=hours), zone) for hours in (-25, 25))
    before, after = (one.astimezone(zone).utcoffset() for one in around)
    return before != after


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(RULES), st.sampled_from(ZONES), STARTS, st.integers(1, 12))
def test_so_many_and_no_more(text, zone, start, many):
    turns = year_of(read(f"{text};COUNT={many}", zone), zone, start)
    assert len(turns) <= many
    assert [turn.number for turn in turns] == sorted({turn.number for turn in turns})
    last = turns[-1]
    until = f"{last.at:%Y%m%dT%H%M%SZ}"
    assert year_of(read(f"{text};UNTIL={until}", zone), zone, start)[-1].at == last.at


def test_nine_in_the_morning_stays_nine_when_clocks_change():
    rule = read("FREQ=DAILY;COUNT=3", LONDON)
    turns = year_of(rule, LONDON, datetime(2026, 3, 28, 9, tzinfo=UTC))
    assert [turn.at.hour for turn in turns] == [9, 8, 8]


def test_an_hour_that_a_clock_skips_is_told_as_long_after_its_start():
    rule = read("FREQ=DAILY;COUNT=3", LONDON)
    turns = year_of(rule, LONDON, datetime(2026, 3, 28, 1, 30, tzinfo=UTC))
    shown = [f"{turn.at.astimezone(LONDON):%d %H:%M}" for turn in turns]
    assert shown == ["28 01:30", "29 02:30", "30 01:30"]


def test_an_hour_that_comes_twice_is_told_once():
    rule = read("FREQ=DAILY;COUNT=3", LONDON)
    turns = year_of(rule, LONDON, datetime(2026, 10, 24, 0, 30, tzinfo=UTC))
    assert [turn.at for turn in turns] == [
        datetime(2026, 10, day, hour, 30, tzinfo=UTC) for day, hour in ((24, 0), (25, 0), (26, 1))
    ]


def test_the_first_is_looked_for_from_the_named_time_on():
    rule = read("RRULE:FREQ=WEEKLY;BYDAY=MO", LONDON)
    turn = first(rule, LONDON, datetime(2026, 11, 17, 9, tzinfo=UTC))
    assert (rule.text, turn.at.day, turn.at.hour) == ("FREQ=WEEKLY;BYDAY=MO", 23, 9)


def test_once_is_once():
    turn = first(None, LONDON, datetime(2026, 11, 17, 9, 0, 7, 5, tzinfo=UTC))
    assert turn.at == datetime(2026, 11, 17, 9, 0, 7, 5, tzinfo=UTC)
    assert following(None, LONDON, turn) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "daily", "FREQ=SECONDLY", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=3;UNTIL=20270101", "INTERVAL=2", "FREQ=DAILY;",
        "FREQ=DAILY\nDTSTART:20200101T000000", "FREQ=DAILY;BYDAY=XX", "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYSECOND=1", "FREQ=YEARLY;BYEASTER=1", "FREQ=DAILY;UNTIL=20269999",
        "FREQ=MINUTELY;INTERVAL=15;BYMONTHDAY=30;BYMONTH=2", "FREQ=MINUTELY;INTERVAL=20;BYMINUTE=0",
        "FREQ=DAILY;INTERVAL=99999", "FREQ=DAILY;UNTIL=00000101T000000Z", "FREQ=DAILY;X=1",
        "FREQ=MONTHLY;BYSETPOS=999",
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(Wrong):
        read(text, LONDON)


@pytest.mark.parametrize(
    "text",
    ["FREQ=MINUTELY", "FREQ=MINUTELY;INTERVAL=14", "FREQ=HOURLY;BYMINUTE=0,10",
     "FREQ=DAILY;BYHOUR=8;BYMINUTE=0,50"],
)  # fmt: skip
def test_nobody_is_told_more_often_than_every_quarter_of_an_hour(text):
    with pytest.raises(Wrong, match="15 minutes"):
        read(text, LONDON)


@pytest.mark.parametrize(
    "text", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
             "FREQ=DAILY;UNTIL=20200101", "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
             "FREQ=MONTHLY;BYSETPOS=300;BYDAY=MO", "FREQ=HOURLY;INTERVAL=168;BYDAY=WE",
             "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3"],
)  # fmt: skip
def test_what_never_comes_is_refused_and_costs_nothing(text):
    rule, began = read(text, LONDON), time.process_time()
    with pytest.raises(Wrong, match="no reminder"):
        first(rule, LONDON, datetime(2026, 11, 17, 9, tzinfo=UTC))
    assert time.process_time() - began < 1


def test_leap_days_are_found():
    rule = read("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", LONDON)
    turn = first(rule, LONDON, datetime(2026, 11, 17, 9, tzinfo=UTC))
    assert (turn.at.year, following(rule, LONDON, turn).at.year) == (2028, 2032)


def test_years_of_a_pause_are_passed_over_quickly():
    rule = read("FREQ=MINUTELY;INTERVAL=15", LONDON)
    start = datetime(2026, 11, 17, 9, tzinfo=UTC)
    began, end = time.process_time(), start + timedelta(days=365)
    turn = next(one for one in turns(rule, LONDON, first(rule, LONDON, start)) if one.at > end)
    assert turn.at == end + timedelta(minutes=15)
    assert time.process_time() - began < 5


def test_the_next_of_a_rule_that_runs_for_years_costs_no_more():
    rule = read("FREQ=MINUTELY;INTERVAL=15", LONDON)
    at = datetime(2035, 1, 1, tzinfo=UTC)
    turn = Turn(300_000, at.replace(tzinfo=None), at)
    began = time.process_time()
    for _ in range(100):
        turn = following(rule, LONDON, turn)
    assert time.process_time() - began < 1
    assert turn.number == 300_100
