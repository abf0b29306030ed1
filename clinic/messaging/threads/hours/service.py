"""The hours of a desk, as an administrator enters them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import Visible, same_organisation
from clinic.core import clock, saying
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Forbidden, Invalid
from clinic.core.fields import Line, read
from clinic.events.service import record
from clinic.messaging.conversations.hours import MINUTES, Span
from clinic.messaging.conversations.models import LONGEST_WORDS, DeskHours
from clinic.messaging.facts import InboxHoursUpdated

WORDS = Line(LONGEST_WORDS)
VISIBLE = Visible("hours of a desk", {Role.ADMIN: same_organisation(DeskHours.organisation_id)})
_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Day:
    """From and to, as written: `09:00` and `24:00`. Both empty: closed all day."""

    opens: str = ""
    closes: str = ""


USUAL = (Day("09:00", "17:00"),) * 5 + (Day(),) * 2


@dataclass(frozen=True, slots=True)
class Times:
    """`week` has seven days, Monday first; `words` "" lets us say it."""

    is_on: bool = False
    words: str = ""
    week: Sequence[Day] = USUAL


def times(actor: Actor) -> Times:
    """Of the organisation; before anybody entered any, the usual ones, switched off."""
    row = _row(actor)
    if row is None:
        return Times()
    return Times(row.is_on, row.words, tuple(_day(span) for span in row.week))


def _row(actor: Actor) -> DeskHours | None:
    return db.session.scalar(sa.select(DeskHours).where(VISIBLE.to(actor)))


def _day(span: Span | None) -> Day:
    return Day(*map(_written, span)) if span else Day()


def _written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@transactional
def save(new: Times, actor: Actor) -> None:
    """Raises Invalid."""
    if actor.organisation_id is None:
        raise Forbidden
    words = read("words", WORDS, new.words)
    week = [span(number, day) for number, day in enumerate(new.week)]
    if new.is_on and not any(week):
        raise Invalid.of("days", N_("Say when somebody is there on one day at least."), "required")
    row = _row(actor)
    if row is None:
        row = DeskHours(organisation_id=actor.organisation_id)
        db.session.add(row)
    row.is_on, row.words, row.updated_at = new.is_on, words, clock.now()
    row.week = [list(one) if one else None for one in week]
    record(InboxHoursUpdated(organisation_id=actor.organisation_id), actor)


def span(number: int, day: Day) -> Span | None:
    """Of the weekday, Monday 0. Raises Invalid."""
    if not (day.opens or day.closes):
        return None
    opens, closes = clock.read_time(day.opens), clock.read_time(day.closes)
    name = saying.weekday(_MONDAY + timedelta(days=number))
    if opens is None or closes is None:
        words = N_("%(day)s: write two times such as 09:00 and 17:00, or none if nobody is there.")
        raise Invalid.of("days", words, "unreadable", day=name)
    start, end = _minutes(opens), _minutes(closes) or MINUTES
    if start >= end:
        words = N_("%(day)s: the second time must be after the first. 00:00 is midnight.")
        raise Invalid.of("days", words, "not_after", day=name)
    return start, end


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute
