"""Whatever the day and the hour: 600 visits, somebody is being seen and somebody waits."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import uuid4

import pytest

from clinic.core import clock
from clinic.demo import hours, names, people
from clinic.demo.plan import DAYS_AHEAD, DAYS_BACK, SEED, Diary, Planner
from clinic.demo.story import Planned
from clinic.schedules.slots import Window, slots_between

LONDON = clock.zone("Europe/London")
WEEK = [date(2026, 10, 19) + timedelta(days=number) for number in range(7)]  # the clocks go back
HOURS = [time(0, 0, 30), time(3, 1), time(10, 7), time(17, 0), time(23, 55)]
CLASS_TEACHER = 7  # the only doctor who sees several people at once


def diaries(today: date) -> list[Diary]:
    """The published windows, without a database."""
    first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    found = []
    for doctor in people.DOCTORS:
        windows = [
            Window(uuid4(), uuid4(), one.opens, one.closes, one.minutes, one.capacity, weekday)
            for one in hours.WEEKLY[doctor.name]
            for weekday in one.days
        ]
        duty = hours.ON_CALL.get(doctor.name)
        if duty:
            windows.append(
                Window(uuid4(), uuid4(), duty.opens, duty.closes, duty.minutes, on=today)
            )
        on_call = frozenset(window.id for window in windows if window.on)
        by_people = doctor.practice == "northgate"
        found.append(Diary(doctor, slots_between(windows, LONDON, first, last), on_call, by_people))
    return found


def planned(today: date, wall: time) -> list[Planned]:
    now = datetime.combine(today, wall, LONDON).astimezone(UTC)
    planner = Planner(names.patients(1, today, Random(SEED)), LONDON, now)
    return planner.fill(diaries(today))


@pytest.mark.parametrize("today", WEEK, ids=lambda day: f"{day:%A}")
@pytest.mark.parametrize(
    "wall", [time(7, 31), time(8, 45), time(10, 7), time(13, 20), time(17, 0), time(19, 40)]
)
def test_a_clinic_opened_by_day_has_somebody_to_see(today: date, wall: time) -> None:
    visits = planned(today, wall)
    assert len(visits) == 600
    assert any(visit.is_in_progress for visit in visits)
    assert any(visit.is_waiting for visit in visits)
    assert any(not visit.steps for visit in visits)  # a request nobody has answered yet
    seen = Counter(visit.doctor for visit in visits if visit.is_in_progress)
    assert all(many == 1 for doctor, many in seen.items() if doctor != CLASS_TEACHER)


@pytest.mark.parametrize("wall", [time(0, 0, 30), time(10, 7), time(23, 55)])
def test_nothing_happens_before_its_time(wall: time) -> None:
    now = datetime.combine(WEEK[0], wall, LONDON)
    for visit in planned(WEEK[0], wall):
        moments = [visit.booked_at, *(step.at for step in visit.steps)]
        assert moments == sorted(moments)
        assert moments[-1] <= now


def test_only_today_goes_with_the_clock() -> None:
    def others(wall: time) -> list[Planned]:
        return [visit for visit in planned(WEEK[0], wall) if not is_today(visit)]

    def is_today(visit: Planned) -> bool:
        return visit.start.astimezone(LONDON).date() == WEEK[0]

    assert others(time(3, 1)) == others(time(16, 20))


@pytest.mark.parametrize("today", WEEK, ids=lambda day: f"{day:%A}")
@pytest.mark.parametrize("wall", [time(0, 0, 30), time(3, 1), time(23, 55)])
def test_the_clinic_keeps_clinic_hours(today: date, wall: time) -> None:
    """At night its doctors sleep: the day that was, or will be, is there to look at."""
    visits = planned(today, wall)
    assert len(visits) == 600
    assert not any(visit.is_in_progress for visit in visits)
    for visit in visits:
        begins, ends = (moment.astimezone(LONDON) for moment in (visit.start, visit.end))
        assert begins.time() >= hours.OPENS and ends.time() <= hours.CLOSES, begins
    assert any(visit.start.astimezone(LONDON).date() == today for visit in visits)
