"""What has gone out of late, counted in the transaction that adds to it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.core import clock, running
from clinic.core.data.bulk import among_given
from clinic.core.data.db import UtcDateTime, db, is_sqlite, one_at_a_time
from clinic.messaging.models import Message
from clinic.messaging.queueing.caps import TOO_MANY, Limits, Tally, ToAddress, Wish
from clinic.messaging.statuses import Status

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_MESSAGES = Message.metadata.tables[Message.__tablename__].c
_LOCK = "message-caps"
# What was skipped, or taken back before any call, has reached nobody.
_LEAVES = sa.or_(
    _MESSAGES.status.not_in((Status.SKIPPED, Status.CANCELLED)), _MESSAGES.attempts > 0
)
_IS_OUT = _MESSAGES.direction == "out"


def tally(wishes: Sequence[Wish]) -> Tally:
    """What counts for these. Until the transaction ends nobody else can pass a cap beside them.

    Messages to strangers queue up behind one another: they are few. To those we know go thousands
    at a time, which nobody need wait for until one of them comes near a cap.
    """
    if not all(wish.is_known for wish in wishes):
        one_at_a_time(_LOCK)
        return _counted(wishes)
    found = _counted(wishes)
    if found.is_near(wishes):
        one_at_a_time(_LOCK)
        found = _counted(wishes)  # anew: somebody may have been faster
    return found


def limits() -> Limits:
    settings = running.settings()
    return Limits(settings.unproven_messages_per_day, settings.unproven_messages_per_hour)


def _counted(wishes: Sequence[Wish]) -> Tally:
    moment = clock.now()
    given = {
        "hour_ago": moment - HOUR,
        "day_ago": moment - DAY,
        "addresses": [*{wish.address for wish in wishes}],
    }
    has_strangers = not all(wish.is_known for wish in wishes)
    found = Tally(limits())
    for row in db.session.execute(_statement(has_strangers, is_sqlite()), given):
        if row.address is not None:
            found.addresses[row.address] = ToAddress(row.hour, row.day, row.rows, row.refused)
        else:
            found.of_all += row.hour
            found.of_organisation[row.organisation_id] = row.day
    return found


@cache
def _statement(has_strangers: bool, sqlite: bool) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """One trip for all: a row for each address and, of strangers, one for each organisation."""
    in_hour = _MESSAGES.created_at > sa.bindparam("hour_ago", type_=UtcDateTime())
    in_day = _MESSAGES.created_at > sa.bindparam("day_ago", type_=UtcDateTime())
    refused = sa.func.coalesce(_MESSAGES.error_code, "") == TOO_MANY
    what = (_many(in_hour, _LEAVES).label("hour"), _many(_LEAVES).label("day"))
    more = (_many(in_hour, ~refused).label("rows"), _many(in_hour, refused).label("refused"))
    nobody = sa.literal(None, sa.Uuid()).label("organisation_id")
    to_addresses = (
        sa.select(_MESSAGES.address, nobody, *what, *more)
        .where(among_given(_MESSAGES.address, "addresses", sqlite), in_day, _IS_OUT)
        .group_by(_MESSAGES.address)
    )
    if not has_strangers:
        return to_addresses
    nowhere = sa.literal(None, sa.String()).label("address")
    to_strangers = (
        sa.select(nowhere, _MESSAGES.organisation_id, *what, sa.literal(0), sa.literal(0))
        .where(~_MESSAGES.is_known, in_day, _IS_OUT)
        .group_by(_MESSAGES.organisation_id)
    )
    return sa.union_all(to_addresses, to_strangers)


def _many(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(*which)


def to_strangers_of_late() -> int:
    """How many messages went in the last hour to addresses that nobody had proven."""
    since = _MESSAGES.created_at > clock.now() - HOUR
    query = sa.select(sa.func.count()).where(~_MESSAGES.is_known, since, _IS_OUT, _LEAVES)
    return db.session.scalar(query) or 0


def refused_of_late() -> int:
    """How many were held back by a cap in the last hour."""
    since = _MESSAGES.created_at > clock.now() - HOUR
    refused = sa.select(sa.func.count()).where(_MESSAGES.error_code == TOO_MANY, since)
    return db.session.scalar(refused) or 0
