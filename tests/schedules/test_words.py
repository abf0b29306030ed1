"""A week's windows and time off as people read them; queries tell times, not sentences."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask_babel import force_locale

from clinic.schedules import words
from clinic.schedules.queries import Away, HeldWindow, Overview
from tests.cast import LONDON, TODAY, at

KEY = UUID(int=1)
NEXT_YEAR = date(2027, 1, 4)
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def window(**changes: object) -> HeldWindow:
    plain = {
        "id": KEY, "weekday": 0, "on": None, "start": time(9), "end": time(12), "slot_minutes": 30,
        "capacity": 1, "valid_from": None, "valid_until": None, "place": "Quay Street",
    }  # fmt: skip
    return HeldWindow(**{**plain, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (None, None, ""),
        (TODAY, None, ""),  # it has begun: that is no news
        (TODAY + timedelta(days=1), None, "from Tue 17 Nov"),
        (TODAY, NEXT_YEAR, "until Mon 4 Jan 2027"),
        (TODAY + timedelta(days=1), NEXT_YEAR, "from Tue 17 Nov until Mon 4 Jan 2027"),
    ],
)
def test_a_window_says_between_which_days_it_is_valid(
    in_app: Flask, first: date | None, last: date | None, said: str
) -> None:
    held = window(valid_from=first, valid_until=last)
    (line,) = words.week(Overview([held], [], []), LONDON).weekdays[0].windows
    assert line.validity == said


def test_a_week_has_its_hours_and_places(in_app: Flask) -> None:
    three = window(weekday=4, end=time(9, 50), slot_minutes=25, capacity=3)
    week = words.week(Overview([window(), three], [], []), LONDON)
    assert [column.name for column in week.weekdays] == WEEKDAYS
    assert week.hours == "3.8333 hours, about 12 places a week"
    assert week.weekdays[4].windows[0].note == "25 min, 3 places, Quay Street"


def test_time_off_of_one_day_says_it_once(in_app: Flask) -> None:
    off = Away(at("13:00"), at("17:00"), "")
    (line,) = words.week(Overview([], [], [off]), LONDON).dated
    assert (line.when, line.what) == ("Mon 16 Nov, 13:00 to 17:00", "Away")


def test_what_differs_stands_in_the_order_of_its_days(in_app: Flask) -> None:
    extra = window(weekday=None, on=TODAY + timedelta(days=1))
    off = Away(at("13:00"), at("17:00"), "Congress")
    lines = words.week(Overview([], [extra], [off]), LONDON).dated
    assert [line.kind for line in lines] == ["time_off", "window"]
    assert lines[1].what == "Extra clinic, 1 place, Quay Street"


def test_days_and_numbers_are_the_readers(in_app: Flask) -> None:
    with force_locale("de"):
        week = words.week(Overview([window(end=time(10, 30))], [], []), LONDON)
        assert week.weekdays[0].name == "Mo."
        assert week.hours.startswith("1,5 ")
