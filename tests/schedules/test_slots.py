"""Windows become slots: one row, one case. Local clock times in, local clock times out."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from clinic.schedules.slots import Busy, Window, instant, slots_between, windows_overlap

WINDOW, DOCTOR, ROOM = UUID(int=1), UUID(int=2), UUID(int=3)
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 5, 4)  # 09:00 in Berlin is 07:00 UTC


def window(start="09:00", end="12:00", **kwargs):
    if "on" not in kwargs:
        kwargs.setdefault("weekday", MONDAY.weekday())
    times = time.fromisoformat(start), time.fromisoformat(end)
    return Window(WINDOW, DOCTOR, *times, **kwargs)


def at(wall, day=MONDAY, zone=BERLIN):
    return datetime.combine(day, time.fromisoformat(wall), zone).astimezone(UTC)


def busy(start, end, seat=1):
    return Busy(at(start), at(end), seat)


def monday_slots(*windows, **kwargs):
    return slots_between(windows, BERLIN, MONDAY, MONDAY, **kwargs)


def labels(slots, zone=BERLIN):
    return " ".join(f"{slot.start.astimezone(zone):%H:%M}" for slot in slots)


def seating(slots):
    return [(slot.booked, slot.available, slot.free_seat) for slot in slots]


def test_a_morning_is_cut_into_slots_that_say_all_a_page_needs():
    first, *_, last = slots = monday_slots(window(capacity=2, location_id=ROOM))
    assert labels(slots) == "09:00 09:30 10:00 10:30 11:00 11:30"
    assert (first.start, first.end) == (at("09:00"), at("09:30"))
    assert first.start.tzinfo is UTC
    assert last.end == at("12:00")
    assert (first.schedule_id, first.location_id, first.capacity) == (WINDOW, ROOM, 2)
    assert seating([first]) == [(0, 2, 1)]


@pytest.mark.parametrize(
    "end, minutes, expected",
    [
        ("10:20", 30, "09:00 09:30"),
        ("09:29", 30, ""),
        ("10:00", 45, "09:00"),
        ("10:00", 7, "09:00 09:07 09:14 09:21 09:28 09:35 09:42 09:49"),
        ("09:00", 30, ""),
        ("08:00", 30, ""),
    ],
)
def test_a_slot_that_would_end_after_its_window_is_not_offered(end, minutes, expected):
    assert labels(monday_slots(window(end=end, slot_minutes=minutes))) == expected


SUNDAY_CLOCKS = [
    # New York skips 02:00-03:00 on 8 March and repeats 01:00-02:00 on 1 November 2026.
    ("America/New_York", "2026-03-08", "01:00", "04:00", "01:00 01:30 03:00 03:30"),
    ("America/New_York", "2026-03-08", "01:00", "02:30", "01:00 01:30"),
    ("America/New_York", "2026-03-08", "02:15", "04:00", "03:00 03:30"),
    ("America/New_York", "2026-03-08", "02:00", "03:00", ""),
    ("America/New_York", "2026-03-08", "03:00", "04:00", "03:00 03:30"),
    ("America/New_York", "2026-11-01", "00:30", "02:30", "00:30 01:00 01:30 01:00 01:30 02:00"),
    ("America/New_York", "2026-11-01", "00:30", "01:30", "00:30 01:00"),
    ("America/New_York", "2026-11-01", "01:30", "02:00", "01:30 01:00 01:30"),
    # Lord Howe moves by half an hour: skips 02:00-02:30, repeats 01:30-02:00.
    ("Australia/Lord_Howe", "2026-10-04", "01:00", "03:30", "01:00 01:30 02:30 03:00"),
    ("Australia/Lord_Howe", "2026-10-04", "02:10", "03:30", "02:30 03:00"),
    ("Australia/Lord_Howe", "2026-04-05", "01:00", "02:30", "01:00 01:30 01:30 02:00"),
    ("Australia/Adelaide", "2026-10-04", "01:30", "03:30", "01:30 03:00"),
    ("Australia/Adelaide", "2026-04-05", "02:30", "03:30", "02:30 02:00 02:30 03:00"),
    # Havana skips the first hour of its day; Kathmandu keeps still.
    ("America/Havana", "2026-03-08", "00:00", "02:00", "01:00 01:30"),
    ("Asia/Kathmandu", "2026-03-08", "09:00", "10:30", "09:00 09:30 10:00"),
]


@pytest.mark.parametrize("name, day, start, end, expected", SUNDAY_CLOCKS)
def test_a_clock_change_makes_the_window_shorter_or_longer(name, day, start, end, expected):
    zone, day = ZoneInfo(name), date.fromisoformat(day)
    for opening in (window(start, end, weekday=6), window(start, end, on=day)):
        slots = slots_between([opening], zone, day, day)
        assert labels(slots, zone) == expected
        assert {slot.end - slot.start for slot in slots} <= {timedelta(minutes=30)}


@pytest.mark.parametrize("day, hours", [("2026-03-29", 22), ("2026-05-04", 23), ("2026-10-25", 24)])
def test_a_long_day_has_more_hours_to_sell_and_a_short_one_fewer(day, hours):
    day = date.fromisoformat(day)
    opening = window("00:00", "23:30", on=day, slot_minutes=60)
    assert len(slots_between([opening], BERLIN, day, day)) == hours


@pytest.mark.parametrize(
    "name, wall, utc",
    [
        ("Asia/Kathmandu", "2026-05-04T09:00", "2026-05-04T03:15"),
        ("Australia/Adelaide", "2026-05-04T09:00", "2026-05-03T23:30"),
        ("Australia/Lord_Howe", "2026-01-05T09:00", "2026-01-04T22:00"),
        ("Australia/Lord_Howe", "2026-05-04T09:00", "2026-05-03T22:30"),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T02:59:59.5", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00"),
        # Samoa crossed the date line: its clocks never showed 30 December 2011.
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
    ],
)
def test_an_instant_is_the_first_at_which_the_clocks_reach_the_time(name, wall, utc):
    local = datetime.fromisoformat(wall)
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    for fold in (0, 1):
        found = instant(local.date(), local.time().replace(fold=fold), ZoneInfo(name))
        assert (found, found.tzinfo) == (expected, UTC)


def test_a_day_that_never_was_has_no_slots():
    apia = ZoneInfo("Pacific/Apia")
    friday = window(weekday=4)
    assert slots_between([friday], apia, date(2011, 12, 29), date(2011, 12, 31)) == []
    assert len(slots_between([friday], apia, date(2011, 12, 23), date(2011, 12, 23))) == 6


@pytest.mark.parametrize(
    "validity, days",
    [
        ({}, [4, 11, 18, 25]),
        ({"valid_from": date(2026, 5, 11)}, [11, 18, 25]),
        ({"valid_from": date(2026, 5, 12)}, [18, 25]),
        ({"valid_until": date(2026, 5, 18)}, [4, 11, 18]),
        ({"valid_until": date(2026, 5, 17)}, [4, 11]),
        ({"valid_from": date(2026, 5, 11), "valid_until": date(2026, 5, 11)}, [11]),
        ({"weekday": None, "on": date(2026, 5, 13)}, [13]),
        ({"weekday": None, "on": date(2026, 6, 1)}, []),
    ],
)
def test_a_window_opens_on_its_days_only(validity, days):
    opening = window(end="09:30", **validity)
    slots = slots_between([opening], BERLIN, date(2026, 5, 1), date(2026, 5, 31))
    assert [slot.start.day for slot in slots] == days


def test_slots_of_several_windows_come_in_order_of_time():
    evening, morning = window("17:00", "18:00"), window("09:00", "10:00")
    extra = window("12:00", "12:30", on=MONDAY)
    slots = monday_slots(evening, morning, extra)
    assert labels(slots) == "09:00 09:30 12:00 17:00 17:30"


def test_a_window_is_weekly_or_dated_and_its_slots_have_a_size():
    wrongs = ({"weekday": None}, {"on": MONDAY, "weekday": 0}, {"slot_minutes": 0}, {"capacity": 0})
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"^a (window|slot) "):
            window(**wrong)


@pytest.mark.parametrize(
    "seats, expected",
    [
        ([], (0, 3, 1)),
        ([1], (1, 2, 2)),
        ([2], (1, 2, 1)),
        ([1, 3], (2, 1, 2)),
        ([1, 2, 3], (3, 0, None)),
        ([None, None, None, None], (0, 3, 1)),
        ([1, None], (1, 2, 2)),
        ([1, 1], (1, 2, 2)),
        # Seats sold while the window still had five: three used seats fill the three left.
        ([4, 5], (2, 1, 1)),
        ([1, 4, 5], (3, 0, None)),
        ([1, 2, 4, 5], (4, 0, None)),  # and nobody says that one of them is not there
    ],
)
def test_the_lowest_free_seat_is_offered_until_all_are_taken(seats, expected):
    visits = [busy("09:00", "09:30", seat) for seat in seats]
    first, second, *_ = monday_slots(window(capacity=3), busy=visits)
    assert seating([first, second]) == [expected, (0, 3, 1)]


def test_a_slot_sells_exactly_its_seats():
    sold = []
    while (slot := monday_slots(window(capacity=3), busy=sold)[0]).free_seat:
        sold.append(Busy(slot.start, slot.end, slot.free_seat))
    assert [visit.seat for visit in sold] == [1, 2, 3]
    assert seating([slot]) == [(3, 0, None)]


@pytest.mark.parametrize(
    "slot_minutes, visit, full",
    [
        (60, ("09:00", "09:30"), "09:00"),
        (60, ("09:30", "10:00"), "09:00"),
        (60, ("09:30", "10:30"), "09:00 10:00"),
        (30, ("09:00", "10:00"), "09:00 09:30"),
        (30, ("09:15", "09:45"), "09:00 09:30"),
        (30, ("09:30", "10:00"), "09:30"),
        (30, ("08:00", "09:00"), ""),
        (30, ("08:00", "09:01"), "09:00"),
        (30, ("12:00", "13:00"), ""),
        (30, ("11:59", "13:00"), "11:30"),
        (20, ("09:30", "10:00"), "09:20 09:40"),
        (30, ("07:00", "15:00"), "09:00 09:30 10:00 10:30 11:00 11:30"),
    ],
)
def test_a_visit_made_on_another_grid_still_blocks_what_it_overlaps(slot_minutes, visit, full):
    slots = monday_slots(window(slot_minutes=slot_minutes), busy=[busy(*visit)])
    assert labels(slot for slot in slots if slot.free_seat is None) == full
    assert all(slot.available == (slot.free_seat is not None) for slot in slots)


def test_visits_of_many_lengths_may_come_in_any_order():
    visits = [busy("11:00", "11:30"), busy("09:10", "09:20"), busy("06:00", "09:40", 2)]
    visits.append(busy("06:30", "07:00"))
    slots = monday_slots(window(capacity=2, slot_minutes=60), busy=visits)
    assert seating(slots) == [(2, 0, None), (0, 2, 1), (1, 1, 2)]


@pytest.mark.parametrize(
    "visits, open_slots",
    [
        ([("09:00", "09:30", 1)], 5),
        ([("09:00", "09:30", 1), ("10:00", "10:30", 1)], 0),
        ([("09:00", "09:30", 1), ("10:00", "10:30", None)], 5),
        ([("08:30", "09:30", 1), ("10:00", "10:30", 1)], 4),
        ([("11:30", "12:30", 1), ("12:00", "12:30", 1)], 5),
    ],
)
def test_a_window_closes_when_its_patients_for_the_day_are_reached(visits, open_slots):
    opening = window(max_patients=2)
    slots = monday_slots(opening, busy=[busy(*visit) for visit in visits])
    assert len(slots) == 6
    assert sum(slot.available for slot in slots) == open_slots
    assert sum(slot.free_seat is not None for slot in slots) == open_slots


def test_a_full_morning_leaves_the_afternoon_and_next_week_open():
    morning, afternoon = window(max_patients=1), window("14:00", "15:00", max_patients=1)
    week_later = MONDAY + timedelta(days=7)
    slots = slots_between(
        [morning, afternoon], BERLIN, MONDAY, week_later, busy=[busy("09:00", "09:30")]
    )
    monday, later = slots[:8], slots[8:]
    assert labels(slot for slot in monday if slot.free_seat) == "14:00 14:30"
    assert [slot.booked for slot in monday] == [1, 0, 0, 0, 0, 0, 0, 0]
    assert all(slot.free_seat for slot in later)


@pytest.mark.parametrize(
    "off, expected",
    [
        ([("09:00", "10:00")], "10:00 10:30 11:00 11:30"),
        ([("09:15", "09:45")], "10:00 10:30 11:00 11:30"),
        ([("08:00", "09:00")], "09:00 09:30 10:00 10:30 11:00 11:30"),
        ([("12:00", "18:00")], "09:00 09:30 10:00 10:30 11:00 11:30"),
        ([("11:00", "18:00"), ("07:00", "09:30")], "09:30 10:00 10:30"),
        ([("09:00", "11:00"), ("09:30", "10:00")], "11:00 11:30"),
        ([("00:00", "23:00")], ""),
    ],
)
def test_a_slot_that_meets_time_off_is_not_in_the_list(off, expected):
    absences = [(at(start), at(end)) for start, end in off]
    assert labels(monday_slots(window(), off=absences)) == expected


def test_a_holiday_over_days_leaves_the_days_around_it():
    daily = [window(end="09:30", weekday=weekday) for weekday in range(7)]
    away = (at("00:00", date(2026, 5, 5)), at("00:00", date(2026, 5, 8)))
    slots = slots_between(daily, BERLIN, MONDAY, date(2026, 5, 10), off=[away])
    assert [slot.start.day for slot in slots] == [4, 8, 9, 10]


DATED = {"weekday": None, "on": MONDAY}
MAY, JUNE = (
    {"valid_from": date(2026, month, 1), "valid_until": date(2026, month, last)}
    for month, last in ((5, 31), (6, 30))
)


@pytest.mark.parametrize(
    "one, other, overlap",
    [
        ({}, {}, True),
        ({}, {"start": "11:59", "end": "13:00"}, True),
        ({}, {"start": "12:00", "end": "13:00"}, False),
        ({}, {"weekday": 1}, False),
        (MAY, JUNE, False),
        (MAY, {"valid_from": date(2026, 5, 31)}, False),
        (MAY, {"valid_from": date(2026, 5, 25)}, True),
        (MAY, {"valid_from": date(2026, 5, 5), "valid_until": date(2026, 5, 11)}, True),
        (MAY, {"valid_from": date(2026, 5, 5), "valid_until": date(2026, 5, 10)}, False),
        (MAY, {"valid_until": date(2026, 5, 3)}, False),
        (MAY, {"valid_until": date(2026, 5, 4)}, True),
        (DATED, {}, True),
        (DATED, DATED, True),
        (DATED, DATED | {"start": "12:00", "end": "13:00"}, False),
        (DATED, DATED | {"on": date(2026, 5, 11)}, False),
        (DATED, {"weekday": 2}, False),
        (DATED, MAY, True),
        (DATED, JUNE, False),
    ],
)
def test_windows_overlap_when_both_could_be_open_at_once(one, other, overlap):
    assert windows_overlap(window(**one), window(**other)) is overlap
    assert windows_overlap(window(**other), window(**one)) is overlap
