"""How many messages there were, by local day, status and channel."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import BadRange
from clinic.messaging.channels import CHANNELS
from clinic.messaging.desk.queries import VISIBLE
from clinic.messaging.models import Message
from clinic.messaging.statuses import Status

MOST_DAYS = 92
USUAL_DAYS = 30
_TAKEN = frozenset({Status.SENT, Status.DELIVERED})


@dataclass(frozen=True, slots=True)
class Funnel:
    """Of what went out or was to: how many came how far. `sent` are all that a provider took, also
    what it could not deliver; `skipped` were never tried, or stopped."""

    queued: int
    waiting: int
    sent: int
    delivered: int
    failed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Of every status and every channel, also of those that do not occur."""

    total: int
    by_status: dict[str, int]
    by_channel: dict[str, int]
    funnel: Funnel
    funnel_by_channel: dict[str, Funnel]


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class Statistics:
    timezone: str
    first: date
    last: date
    counts: Counts
    days: tuple[Day, ...]


Row = tuple[int, str, str, str, int, int]
"""Which day, status, channel, direction; how many, and how many of them a provider took."""


def of_days(
    actor: Actor, zone: ZoneInfo, first: date | None = None, last: date | None = None
) -> Statistics:
    """Of the messages in and out that were written from `first` to `last`, by default the last 30
    days. Raises BadRange."""
    first, last = _range(first, last, clock.today(zone))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rows = _counted(actor, days, zone)
    by_day = (
        Day(day, _counts([row for row in rows if row[0] == at])) for at, day in enumerate(days)
    )
    return Statistics(zone.key, first, last, _counts(rows), tuple(by_day))


def _range(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    usual = timedelta(days=USUAL_DAYS - 1)
    last = last or (first + usual if first else today)
    first = first or last - usual
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadRange(MOST_DAYS)
    return first, last


def _counted(actor: Actor, days: Sequence[date], zone: ZoneInfo) -> list[Row]:
    """The database is told where each day ends: SQLite knows no time zones, and a row for each
    message would be all of the ledger."""
    ends = [clock.day_bounds(day, zone)[1] for day in days]
    which = sa.case(
        *((Message.created_at < end, number) for number, end in enumerate(ends)), else_=len(ends)
    ).label("which")
    counted = sa.select(
        *(which, Message.status, Message.channel, Message.direction),
        sa.func.count().label("many"),
        sa.func.count(Message.sent_at).label("taken"),
    ).where(
        VISIBLE.to(actor),
        Message.created_at >= clock.day_bounds(days[0], zone)[0],
        Message.created_at < ends[-1],
    )
    by = (sa.text("which"), Message.status, Message.channel, Message.direction)
    return [tuple(row) for row in db.session.execute(counted.group_by(*by))]


def _counts(rows: Sequence[Row]) -> Counts:
    by_status, by_channel = Counter[str](), Counter[str]()
    for _, status, channel, _, many, _ in rows:
        by_status[status] += many
        by_channel[channel] += many
    out = [row for row in rows if row[3] == "out"]
    return Counts(
        by_status.total(),
        {str(status): by_status[status] for status in Status},
        {name: by_channel[name] for name in CHANNELS},
        _funnel(out),
        {name: _funnel([row for row in out if row[2] == name]) for name in CHANNELS},
    )


def _funnel(rows: Sequence[Row]) -> Funnel:
    many, taken = Counter[str](), Counter[str]()
    for _, status, _, _, count, of_them in rows:
        many[status] += count
        taken[status] += count if status in _TAKEN else of_them
    return Funnel(
        queued=many.total(),
        waiting=many[Status.QUEUED] + many[Status.SENDING],
        sent=taken.total(),
        delivered=many[Status.DELIVERED],
        failed=many[Status.FAILED] + many[Status.UNCERTAIN],
        skipped=many[Status.SKIPPED] + many[Status.CANCELLED],
    )
