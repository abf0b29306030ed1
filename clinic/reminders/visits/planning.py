"""Which messages a visit gets and when: pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Moved = Callable[[datetime, datetime], datetime]  # of quiet hours: a time, and what it precedes

THREE_HOURS = timedelta(hours=3)
OLD_NEWS = timedelta(days=1)  # after an outage nobody wants to hear of last week
MISSED_AFTER = timedelta(minutes=10)  # a late patient at the desk must not be told they missed it

BOOKED = "booked"
REQUESTED = "requested"
AHEAD = "before_"  # how the rules of all reminders begin, and of no news
BEFORE = f"{AHEAD}3h"
TO_DOCTOR = "doctor_"  # how the rules of all that doctors are told begin
AHEAD_OF_DOCTOR = f"{TO_DOCTOR}{AHEAD}"
OWN_WAY = "own"  # the channel of a rule: as each of them is written to
DOCTORS_WAY = "sms"
RESCHEDULED = "rescheduled"
CANCELLED = "cancelled"
NOT_ACCEPTED = "not_accepted"
MISSED = "missed"
DOCTOR_CANCELLED = "doctor_cancelled"
DOCTOR_MISSED = "doctor_missed"
DOCTOR_RESCHEDULED = "doctor_rescheduled"
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
    channel: str  # or OWN_WAY
    is_to_doctor: bool = False

    @property
    def key(self) -> str:
        """The rule of its plans."""
        return f"{AHEAD_OF_DOCTOR if self.is_to_doctor else AHEAD}{self.minutes_before}m"

    def by(self, channel: str) -> str:
        """The channel of its plan; `channel` is the patient's."""
        if self.channel != OWN_WAY:
            return self.channel
        return DOCTORS_WAY if self.is_to_doctor else channel


@dataclass(frozen=True, slots=True)
class Due:
    rule: str
    channel: str
    at: datetime


def plan(
    now: datetime,
    starts_at: datetime,
    channel: str,
    rules: Sequence[Rule],
    news: str,
    quiet: Moved | None = None,
) -> list[Due]:
    """The news at once, the reminder three hours before, and the organisation's own.

    `news` is BOOKED, REQUESTED or RESCHEDULED. A time that has passed is left out: who books two
    hours ahead needs no reminder for then.
    """
    due = [Due(news, channel, now), *ahead(starts_at, channel, rules, quiet)]
    return [one for one in due if one.at >= now]


def ahead(
    starts_at: datetime, channel: str, rules: Sequence[Rule], quiet: Moved | None = None
) -> list[Due]:
    """All reminders of a visit, whatever time it is now. Quiet hours move the organisation's own
    alone: nobody misses a visit for them.
    """
    three_hours = Due(BEFORE, channel, starts_at - THREE_HOURS)
    found = [three_hours]
    for rule in rules:
        at = starts_at - timedelta(minutes=rule.minutes_before)
        moved = quiet(at, starts_at) if quiet else at
        due = Due(rule.key, rule.by(channel), moved)
        says_the_same = not rule.is_to_doctor and due.channel == channel
        if not (says_the_same and due.at == three_hours.at):  # the same words twice
            found.append(due)
    return found


def is_to_doctor(rule: str) -> bool:
    return rule.startswith(TO_DOCTOR)


def template_of(rule: str) -> str:
    usual = "doctor_reminder" if is_to_doctor(rule) else "visit_reminder"
    return TEMPLATES.get(rule, usual)


def expires(rule: str, starts_at: datetime, due_at: datetime) -> datetime:
    """After this it would mislead: at the start, or a day later for what stays true."""
    if rule in STILL_TRUE_AFTER_START:
        return due_at + OLD_NEWS
    return starts_at
