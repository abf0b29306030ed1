"""How often, as people choose it: there and back again."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic.reminders.own import plain, recurrence
from clinic.reminders.own.plain import Chosen

TUESDAY = date(2026, 11, 17)
END = date(2027, 1, 31)


@pytest.mark.parametrize(
    ("chosen", "rule"),
    [
        (Chosen(plain.ONCE), None),
        (Chosen(plain.DAILY), "FREQ=DAILY"),
        (Chosen(plain.WEEKDAYS), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        (Chosen(plain.WEEKLY, (0, 3)), "FREQ=WEEKLY;BYDAY=MO,TH"),
        (Chosen(plain.MONTHLY), "FREQ=MONTHLY"),
        (Chosen(plain.DAILY, until=END), "FREQ=DAILY;UNTIL=20270131"),
        (Chosen(plain.WEEKLY, (6,), END), "FREQ=WEEKLY;BYDAY=SU;UNTIL=20270131"),
    ],
)
def test_choices_are_rules_and_are_found_again(chosen, rule):
    assert plain.rule_of(chosen, TUESDAY) == rule
    assert plain.chosen_of(rule, TUESDAY) == chosen


def test_every_week_without_a_day_is_the_day_it_begins():
    assert plain.rule_of(Chosen(plain.WEEKLY), TUESDAY) == "FREQ=WEEKLY;BYDAY=TU"


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;COUNT=3", "FREQ=DAILY;UNTIL=20270131T090000Z", "FREQ=WEEKLY;BYDAY=1MO",
     "FREQ=DAILY;INTERVAL=2", "FREQ=DAILY;UNTIL=x"],
)  # fmt: skip
def test_what_nobody_can_choose_is_kept(rule):
    assert plain.chosen_of(rule, TUESDAY) == Chosen(plain.KEPT)


@pytest.mark.parametrize("day", [28, 29, 30, 31])
def test_every_month_has_its_last_day(day):
    first = date(2026, 12, day)
    text = plain.rule_of(Chosen(plain.MONTHLY), first)
    assert plain.chosen_of(text, first) == Chosen(plain.MONTHLY)
    zone = ZoneInfo("UTC")
    rule = recurrence.read(text, zone)
    turn, days = recurrence.first(rule, zone, datetime(2026, 12, day, 9, tzinfo=UTC)), []
    while len(days) < 5:
        days.append(turn.wall.day)
        turn = recurrence.following(rule, zone, turn)
    assert days == [day, min(day, 31), 28, min(day, 31), min(day, 30)]
