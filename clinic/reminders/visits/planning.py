"""Which messages a visit gets and when: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

THREE_HOURS = timedelta(hours=3)
OLD_NEWS = timedelta(days=1)  # after an outage nobody wants to hear of last week
MISSED_AFTER = timedelta(minutes=10)  # a late patient at the desk must not be told they missed it

BOOKED = "booked"
REQUESTED = "requested"
AHEAD = "before_"  # how the rules of all reminders begin, and of no news
BEFORE = f"{AHEAD}3h"
RESCHEDULED = "rescheduled"
CANCELLED = "cancelled"
NOT_ACCEPTED = "not_accepted"
MISSED = "missed"
DOCTOR_CANCELLED = "doctor_cancelled"
DOCTOR_MISSED = "doctor_missed"
DOCTOR_RESCHEDULED = "doctor_rescheduled"
TO_DOCTORS = frozenset({DOCTOR_CANCELLED, DOCTOR_MISSED, DOCTOR_RESCHEDULED})
TEMPLATES = {
    BOOKED: "visit_booked",
    REQUESTED: "visit_requested",
    RESCHEDULED: "visit_rescheduled",
    CANCELLED: "visit_cancelled",
    NOT_ACCEPTED: "visit_not_accepted",
    MISSED: "visit_missed",
    DOCTOR_CANCELLED: "doctor_cancelled",
    DOCTOR_MISSED: "doctor_missed",
    DOCTOR_RESCHEDULED: "doctor_rescheduled",
}
# What puts an entry into a calendar, moves it, or takes it out again.
OF_CALENDARS = frozenset({BOOKED, RESCHEDULED, CANCELLED, NOT_ACCEPTED})
STILL_TRUE_AFTER_START = frozenset({NOT_ACCEPTED, MISSED, DOCTOR_MISSED})


@dataclass(frozen=True, slots=True)
class Rule:
    """An organisation's own reminder."""

    minutes_before: int
    channel: str


@dataclass(frozen=True, slots=True)
class Due:
    rule: str
    channel: str
    at: datetime


def plan(
    now: datetime, starts_at: datetime, channel: str, rules: Sequence[Rule], news: str
) -> list[Due]:
    """The news at once, the reminder three hours before, and the organisation's own.

    `news` is BOOKED, REQUESTED or RESCHEDULED. A time that has passed is left out: who books two
    hours ahead needs no reminder for then.
    """
    due = [Due(news, channel, now)]
    due.append(Due(BEFORE, channel, starts_at - THREE_HOURS))
    for rule in rules:
        before = timedelta(minutes=rule.minutes_before)
        if before == THREE_HOURS and rule.channel == channel:
            continue  # it would be the same words twice
        due.append(Due(f"{AHEAD}{rule.minutes_before}m", rule.channel, starts_at - before))
    return [one for one in due if one.at >= now]


def template_of(rule: str) -> str:
    return TEMPLATES.get(rule, "visit_reminder")


def expires(rule: str, starts_at: datetime, due_at: datetime) -> datetime:
    """After this it would mislead: at the start, or a day later for what stays true."""
    if rule in STILL_TRUE_AFTER_START:
        return due_at + OLD_NEWS
    return starts_at
