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
from clinic.messaging.queueing.caps import TOO_MANY, Limits, OfOrganisation, Tally, ToAddress, Wish
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
    return Limits(settings.messages_per_day, settings.unproven_messages_per_hour)


def _counted(wishes: Sequence[Wish]) -> Tally:
    set_to, moment = limits(), clock.now()
    organisations = {wish.organisation_id for wish in wishes if set_to.organisation_a_day}
    rows = db.session.execute(
        _statement(is_sqlite()),
        {
            "hour_ago": moment - HOUR,
            "day_ago": moment - DAY,
            "addresses": [*{wish.address for wish in wishes}],
            "organisations": [one for one in organisations if one],
        },
    )
    found = Tally(set_to)
    for address, organisation_id, *many in rows:
        if address is not None:
            found.addresses[address] = ToAddress(*many)
        elif organisation_id is not None:
            found.organisations[organisation_id] = OfOrganisation(*many[:2])
        else:
            found.to_strangers = many[0]
    return found


@cache
def _statement(sqlite: bool) -> sa.CompoundSelect[Any]:
    """One trip for all of them: rows of addresses, of organisations, and one of all strangers."""
    hour = _MESSAGES.created_at > sa.bindparam("hour_ago", type_=UtcDateTime())
    day = _MESSAGES.created_at > sa.bindparam("day_ago", type_=UtcDateTime())
    of_late = sa.and_(hour, _LEAVES)
    refused = sa.func.coalesce(_MESSAGES.error_code, "") == TOO_MANY
    no_address = sa.literal(None, sa.String()).label("address")
    no_organisation = sa.literal(None, sa.Uuid()).label("organisation_id")
    nothing = sa.literal(0)
    return sa.union_all(
        sa.select(
            _MESSAGES.address,
            no_organisation,
            _many(of_late),
            _many(_LEAVES),
            _many(sa.and_(hour, ~refused)),
            _many(sa.and_(hour, refused)),
        )
        .where(among_given(_MESSAGES.address, "addresses", sqlite), day, _IS_OUT)
        .group_by(_MESSAGES.address),
        sa.select(
            no_address,
            _MESSAGES.organisation_id,
            _many(_LEAVES),
            _many(sa.and_(_LEAVES, ~_MESSAGES.is_known)),
            nothing,
            nothing,
        )
        .where(among_given(_MESSAGES.organisation_id, "organisations", sqlite), day, _IS_OUT)
        .group_by(_MESSAGES.organisation_id),
        sa.select(no_address, no_organisation, sa.func.count(), nothing, nothing, nothing).where(
            ~_MESSAGES.is_known, of_late, _IS_OUT
        ),
    )


def _many(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(which)


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
