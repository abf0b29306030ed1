"""What must hold for every window, in every zone, on every day the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.schedules.slots import Busy, Window, instant, slots_between, windows_overlap

WINDOW, DOCTOR = UUID(int=1), UUID(int=2)
DAY = timedelta(days=1)
MONDAY = date(2026, 5, 4)
# Building the list of a zone's clock changes is slow the first time only.
thorough = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def clock_changes(name, year):
    """Return the local days of the year in which the zone's offset changes."""
    zone = ZoneInfo(name)
    midnights = [datetime(year, 1, 1, tzinfo=UTC) + n * DAY for n in range(367)]
    offsets = [midnight.astimezone(zone).utcoffset() for midnight in midnights]
    changed = [n for n in range(366) if offsets[n] != offsets[n + 1]]
    near = {midnights[n].astimezone(zone).date() for n in changed}
    return sorted(near | {day + DAY for day in near})


@st.composite
def days_in_zones(draw):
    name = draw(st.sampled_from(sorted(available_timezones())))
    year = draw(st.integers(2000, 2037))
    days = clock_changes(name, year) or [date(year, draw(st.integers(1, 12)), 15)]
    return ZoneInfo(name), draw(st.sampled_from(days))


@st.composite
def openings(draw, day, **kwargs):
    """A window on `day`, mostly by night, when clocks change."""
    latest = draw(st.sampled_from([5 * 60, 24 * 60 - 1]))
    start = draw(st.integers(0, latest - 1))
    end = draw(st.integers(start + 1, latest))
    return Window(
        WINDOW,
        DOCTOR,
        time(*divmod(start, 60)),
        time(*divmod(end, 60)),
        slot_minutes=draw(st.sampled_from([5, 10, 15, 20, 30, 45, 60, 90])),
        capacity=draw(st.integers(1, 3)),
        on=day,
        **kwargs,
    )


def shown(moment, zone):
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def is_second_pass(moment, zone):
    return moment.astimezone(zone).fold == 1


@thorough
@given(days_in_zones(), st.times())
def test_an_instant_is_the_first_at_which_the_clocks_reach_the_time(where, wall):
    zone, day = where
    wall = wall.replace(microsecond=0)
    found = instant(day, wall, zone)
    wanted = datetime.combine(day, wall)
    assert shown(found, zone) >= wanted
    # One second before, and through the 26 hours before: no clock had reached it.
    earlier = [
        found - timedelta(seconds=1),
        *(found - n * timedelta(minutes=15) for n in range(1, 105)),
    ]
    assert all(shown(moment, zone) < wanted for moment in earlier)


@thorough
@given(days_in_zones(), st.data())
def test_slots_are_sorted_disjoint_whole_and_inside_their_window(where, data):
    zone, day = where
    window = data.draw(openings(day))
    slots = slots_between([window], zone, day - DAY, day + DAY)
    length = timedelta(minutes=window.slot_minutes)
    opens, closes = datetime.combine(day, window.start), datetime.combine(day, window.end)
    for slot in slots:
        assert slot.end - slot.start == length
        assert is_second_pass(slot.start, zone) or opens <= shown(slot.start, zone) < closes
        last_second = slot.end - timedelta(seconds=1)
        assert is_second_pass(last_second, zone) or shown(last_second, zone) < closes
    assert all(slot.end == following.start for slot, following in pairwise(slots))
    if slots:
        left_over = instant(day, window.end, zone) - slots[-1].end
        assert slots[0].start == instant(day, window.start, zone)
        assert timedelta(0) <= left_over < length


@thorough
@given(days_in_zones(), st.data())
def test_the_label_on_a_page_leads_back_to_its_slot(where, data):
    zone, day = where
    for slot in slots_between([data.draw(openings(day))], zone, day, day):
        label = slot.start.astimezone(zone)
        assert datetime.fromisoformat(label.isoformat()) == slot.start
        assert datetime.combine(label.date(), label.time(), zone).astimezone(UTC) == slot.start
        if not label.fold:
            assert instant(label.date(), label.time(), zone) == slot.start


@st.composite
def intervals(draw, around):
    start = around + timedelta(minutes=5 * draw(st.integers(-60, 36 * 12)))
    return start, start + timedelta(minutes=draw(st.sampled_from([5, 15, 20, 30, 60, 300])))


@thorough
@given(days_in_zones(), st.data())
def test_seats_are_counted_as_a_slow_reader_would_count_them(where, data):
    zone, day = where
    window = data.draw(openings(day, max_patients=data.draw(st.sampled_from([None, 1, 3]))))
    around = instant(day, time(), zone)
    seats = st.sampled_from([None, 1, 2, 3, 4])
    pieces = data.draw(st.lists(st.tuples(intervals(around), seats), max_size=8))
    visits = [Busy(start, end, seat) for (start, end), seat in pieces]
    off = data.draw(st.lists(intervals(around), max_size=2))

    offered = slots_between([window], zone, day, day, off=off, busy=visits)

    every = slots_between([window], zone, day, day)
    kept = [s for s in every if not any(a < s.end and b > s.start for a, b in off)]
    assert [slot.start for slot in offered] == [slot.start for slot in kept]
    seated = [visit for visit in visits if visit.seat is not None]
    opens, closes = instant(day, window.start, zone), instant(day, window.end, zone)
    today = sum(opens <= visit.start < closes for visit in seated)
    for slot in offered:
        used = {v.seat for v in seated if v.start < slot.end and v.end > slot.start}
        free = [seat for seat in range(1, window.capacity + 1) if seat not in used]
        full = len(used) >= window.capacity
        closed = full or (window.max_patients is not None and today >= window.max_patients)
        assert slot.booked == len(used)
        assert slot.available == (0 if closed else window.capacity - len(used))
        assert slot.free_seat == (None if closed else free[0])


@thorough
@given(days_in_zones(), st.data())
def test_no_order_of_booking_over_changing_grids_sells_a_seat_twice(where, data):
    zone, day = where
    sold = []
    for _ in range(3):
        window = data.draw(openings(day))
        choices = slots_between([window], zone, day, day, busy=sold)
        for slot in choices[:: data.draw(st.integers(1, 4))]:
            again = slots_between([window], zone, day, day, busy=sold)
            seat = next(s.free_seat for s in again if s.start == slot.start)
            if seat is not None:
                assert seat <= window.capacity
                sold.append(Busy(slot.start, slot.end, seat))
    for n, one in enumerate(sold):
        for other in sold[:n]:
            apart = one.end <= other.start or other.end <= one.start
            assert apart or one.seat != other.seat


near_days = st.integers(0, 20).map(lambda n: MONDAY + n * DAY)


@st.composite
def weekly_or_dated(draw):
    start = draw(st.integers(8, 11))
    hours = time(start), time(draw(st.integers(start + 1, 12)))
    if draw(st.booleans()):
        return Window(WINDOW, DOCTOR, *hours, on=draw(near_days))
    return Window(
        WINDOW,
        DOCTOR,
        *hours,
        weekday=draw(st.integers(0, 6)),
        valid_from=draw(st.none() | near_days),
        valid_until=draw(st.none() | near_days),
    )


@thorough
@given(weekly_or_dated(), weekly_or_dated())
def test_windows_overlap_exactly_when_some_day_has_an_hour_of_both(one, other):
    def open_hours(window):
        days = (MONDAY + n * DAY for n in range(-14, 36))
        hours = range(window.start.hour, window.end.hour)
        return {(day, hour) for day in days if window.happens_on(day) for hour in hours}

    assert windows_overlap(one, other) == bool(open_hours(one) & open_hours(other))
