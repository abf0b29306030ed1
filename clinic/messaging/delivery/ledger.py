"""The way of messages to their call: claimed with a lease, begun together in one commit.

A message is handed to a provider only between the commit of `sending` and its outcome. A death
in between leaves `sending`; when the lease ends it is `uncertain` and is never blindly sent again.
No statement here waits for a row: whoever locks several of them at once, in whatever order, is
never in a circle with a worker.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from clinic.core import clock
from clinic.core.data.bulk import among_given
from clinic.core.data.db import UtcDateTime, db, is_sqlite, transactional
from clinic.core.work import crash
from clinic.messaging import channels, window
from clinic.messaging.channels.call import Claim
from clinic.messaging.delivery import buckets
from clinic.messaging.models import Attempt, Message
from clinic.messaging.queueing import refusals
from clinic.messaging.queueing.messages import note_skipped, ring, ring_counts
from clinic.messaging.queueing.queries import refusing
from clinic.messaging.senders import chosen
from clinic.messaging.statuses import Status

LEASE = timedelta(seconds=60)  # of a call, from its begin
NEEDED_LEASE = timedelta(seconds=15)  # a provider call may take this long
HELD = timedelta(seconds=20)  # a claim; what a killed worker never began is free again after it
TO_BEGIN = HELD - NEEDED_LEASE

# Tables, not classes: thousands of these statements follow each other, and nothing is loaded that
# a session would have to keep in step.
_MESSAGES = Message.metadata.tables[Message.__tablename__].c
_TABLE = Message.metadata.tables[Message.__tablename__]
_ATTEMPTS = Attempt.metadata.tables[Attempt.__tablename__]
_CLAIMED = (
    *(_MESSAGES[name] for name in ("id", "organisation_id", "channel", "audience", "address")),
    *(_MESSAGES[name] for name in ("sender", "subject", "body", "calendar", "about_id")),
    *(_MESSAGES[name] for name in ("language", "expires_at", "template", "variables", "parts")),
    _MESSAGES.is_known,
    sa.func.coalesce(_MESSAGES.error_code != window.CLOSED, sa.true()).label("is_free"),
    (_MESSAGES.attempts + 1).label("number"),
)


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of claims. Those in no list were skipped, cancelled, or are no longer ours."""

    begun: list[Claim]  # their calls must be made now
    waiting: int  # how many were given back, because their senders' buckets are empty
    later: list[Claim]  # for which there was no room
    dry: frozenset[str] = frozenset()  # of which kinds those are that wait


_PLAIN = tuple(f"{name}:{who}" for name in channels.CHANNELS for who in channels.AUDIENCES)


def kinds() -> tuple[str, ...]:
    """Of all messages. Those of one kind go out by one sender."""
    return (*_PLAIN, *chosen.own_kinds())


@transactional
def claim_due(limit: int, of: Iterable[str] | None = None) -> list[Claim]:
    """Lease up to `limit` due messages of these kinds to this worker, the longest due first."""
    token, own = uuid4(), list(chosen.own_kinds())
    wanted = kinds() if of is None else of
    made = _statements(is_sqlite())
    rows = db.session.execute(
        made.claim_with_own if own else made.claim,
        {"moment": clock.now(), "most": limit, "token": token, "kinds": list(wanted)}
        | ({"own": own} if own else {})
        | _times(until=crash.hurried(HELD), now=timedelta(0)),
    ).all()
    written = window.open_among(
        row.address for row in rows if _takes_templates(row) and row.is_free
    )
    return [_claimed(row, token, written) for row in rows]


def _takes_templates(row: sa.Row[Any]) -> bool:
    return channels.CHANNELS[row.channel].takes_templates


def _claimed(row: sa.Row[Any], token: UUID, written: Collection[str]) -> Claim:
    """With what it goes from, and whether words of our own may go there: the call itself reads
    nothing."""
    own = chosen.own_of(row.organisation_id, row.channel)
    known = {
        "sender": own.value if own else None,
        "is_free": row.address in written if _takes_templates(row) else True,
    }
    return Claim(token=token, **{**row._mapping, **known})


@transactional
def begin(claims: Sequence[Claim], room: Mapping[str, int]) -> Begun:
    """Commit that the calls of these claims (of one `claim_due`) are made now.

    Of each channel as many as there is `room`, of all together as many as the most room is.

    Everything is read again in the very statement that begins them: a cancel, an opt-out or the
    visit's start may have come since the claim, and with less than 15 s of lease left a call could
    outlive it. What the senders' buckets do not allow is given back, and what must not go out any
    more is skipped with its reason, in the same transaction.
    """
    allowed, waiting, later = buckets.within_rate(claims, room)
    called = _to_sending(allowed) if allowed else set()
    missed = [claim for claim in allowed if claim.id not in called]
    if missed:
        _skip(missed)
        buckets.put_back_of(missed)
    if waiting:
        give_back(waiting)
    begun = [claim for claim in allowed if claim.id in called]
    dry = frozenset(
        chosen.kind_of(claim.channel, claim.audience, claim.organisation_id) for claim in waiting
    )
    return Begun(begun, len(waiting), later, dry)


def _to_sending(claims: list[Claim]) -> set[UUID]:
    """The ids of those that may go out: they are `sending`, and their attempts are written down."""
    moment = clock.now()
    begun = db.session.scalars(_statements(is_sqlite()).begin, _of(claims, moment)).all()
    if begun and is_sqlite():  # on PostgreSQL it is one statement
        numbers = {claim.id: claim.number for claim in claims}
        attempts = [
            {"id": uuid4(), "message_id": one, "number": numbers[one], "started_at": moment}
            for one in begun
        ]
        db.session.execute(sa.insert(_ATTEMPTS), attempts)
    return set(begun)


def _skip(claims: list[Claim]) -> None:
    """Those of them that must not go out any more; what was cancelled or locked is left alone."""
    values = _of(claims, clock.now())
    skipped = db.session.execute(_statements(is_sqlite()).skip, values).all()
    if not skipped:
        return
    for row in skipped:
        if row.error_code != "stale":
            note_skipped(row.id, row.organisation_id, row.error_code)
    ring({row.organisation_id for row in skipped})  # what is skipped here shows at once


@transactional
def give_back(claims: Sequence[Claim]) -> None:
    """Release what was claimed and not begun."""
    if claims:
        db.session.execute(_statements(is_sqlite()).give_back, _of(claims, clock.now()))


@transactional
def mark_uncertain() -> int:
    """Calls whose worker died: their lease has ended without an outcome. Returns how many."""
    found = db.session.execute(_statements(is_sqlite()).mark_uncertain, _times(now=timedelta(0)))
    marked = found.scalars().all()
    ring(set(marked))
    ring_counts(set(marked))
    return len(marked)


# --- statements, made once


@dataclass(frozen=True, slots=True)
class _Statements:
    claim: ReturningUpdate[Any]
    claim_with_own: ReturningUpdate[Any]  # where some organisations have senders of their own
    begin: sa.Executable
    skip: ReturningUpdate[Any]
    give_back: sa.Update
    mark_uncertain: ReturningUpdate[Any]


def _of(claims: Sequence[Claim], moment: datetime) -> dict[str, Any]:
    """The parameters of a statement about claims."""
    return {
        "ids": [claim.id for claim in claims],
        "token": claims[0].token,
        "moment": moment,
        **_times(needed=crash.hurried(NEEDED_LEASE), until=crash.hurried(LEASE)),
    }


def _times(**ahead: timedelta) -> dict[str, datetime | timedelta]:
    """Times from now by the clock that all workers share: the server's, if there is one."""
    if not is_sqlite():
        return {**ahead}
    moment = clock.now()
    return {name: moment + wait for name, wait in ahead.items()}


@cache
def _statements(sqlite: bool) -> _Statements:
    """Of one kind of database. Putting them together costs more than running them."""

    def time(name: str) -> sa.ColumnElement[datetime]:
        if sqlite:
            return sa.bindparam(name, type_=UtcDateTime())
        wait = sa.bindparam(name, type_=sa.Interval())
        return sa.cast(sa.func.clock_timestamp(), UtcDateTime) + wait

    moment = sa.bindparam("moment", type_=UtcDateTime())
    token = sa.bindparam("token", type_=sa.Uuid())
    named = among_given(_MESSAGES.id, "ids", sqlite)
    ours = (named, _MESSAGES.claim_token == token, _MESSAGES.status == Status.QUEUED)
    callable_ = (*ours, _MESSAGES.lease_until > time("needed"))
    stops = refusing()
    refused = sa.and_(refusals.heeds(_MESSAGES.channel, _MESSAGES.template), stops.exists())
    stale = sa.and_(_MESSAGES.expires_at.is_not(None), _MESSAGES.expires_at <= moment)
    why = stops.with_only_columns(sa.func.min(stops.selected_columns.kind))
    free = sa.or_(_MESSAGES.lease_until.is_(None), _MESSAGES.lease_until < time("now"))
    free_and_due = sa.and_(_MESSAGES.status == Status.QUEUED, _MESSAGES.due_at <= moment, free)
    dead = (_MESSAGES.status == Status.SENDING, _MESSAGES.lease_until < time("now"))
    return _Statements(
        claim=_claim_all(free_and_due, token, time("until")),
        claim_with_own=_claim_all(free_and_due, token, time("until"), with_own=True),
        begin=_begin_all(
            sa.select(_MESSAGES.id).where(*callable_, ~stale, ~refused), time("until"), sqlite
        ),
        skip=_change(sa.select(_MESSAGES.id).where(*callable_, sa.or_(stale, refused)))
        .values(
            status=Status.SKIPPED,
            settled_at=moment,
            error_code=sa.case((stale, "stale"), else_=why.scalar_subquery()),
        )
        .returning(_MESSAGES.id, _MESSAGES.organisation_id, _MESSAGES.error_code),
        give_back=_change(sa.select(_MESSAGES.id).where(*ours)).values(
            claim_token=None, lease_until=None
        ),
        mark_uncertain=_change(sa.select(_MESSAGES.id).where(*dead))
        .values(status=Status.UNCERTAIN, error_code="no_answer", needs_attention=True)
        .returning(_MESSAGES.organisation_id),
    )


def _claim_all(
    due: sa.ColumnElement[bool],
    token: sa.BindParameter[UUID],
    until: sa.ColumnElement[datetime],
    with_own: bool = False,
) -> ReturningUpdate[Any]:
    kind: sa.ColumnElement[str] = _MESSAGES.channel + ":" + _MESSAGES.audience
    if with_own:
        own = _MESSAGES.channel + ":" + sa.cast(_MESSAGES.organisation_id, sa.String)
        kind = sa.case((own.in_(sa.bindparam("own", expanding=True)), own), else_=kind)
    wanted = kind.in_(sa.bindparam("kinds", expanding=True))
    first = sa.select(_MESSAGES.id).where(due, wanted).order_by(_MESSAGES.due_at)
    # A CTE is run once. A subquery may be run for each row, and then its limit holds each time.
    most = sa.bindparam("most", type_=sa.Integer())
    held = first.limit(most).with_for_update(skip_locked=True).cte("held")
    return (
        sa.update(_TABLE)
        .where(_MESSAGES.id.in_(sa.select(held.c.id)))
        .values(claim_token=token, lease_until=until)
        .returning(*_CLAIMED)
    )


def _begin_all(
    which: sa.Select[Any], until: sa.ColumnElement[datetime], sqlite: bool
) -> sa.Executable:
    """`sending` and its attempt; SQLite can only return what the second statement needs."""
    tries = _MESSAGES.attempts + 1
    sending = _change(which).values(status=Status.SENDING, attempts=tries, lease_until=until)
    if sqlite:
        return sending.returning(_MESSAGES.id)
    begun = sending.returning(_MESSAGES.id, _MESSAGES.attempts).cte("begun")
    moment = sa.bindparam("moment", type_=UtcDateTime())
    attempts = sa.select(sa.func.gen_random_uuid(), begun.c.id, begun.c.attempts, moment)
    return (
        sa.insert(_ATTEMPTS)
        .from_select(["id", "message_id", "number", "started_at"], attempts)
        .returning(_ATTEMPTS.c.message_id)
    )


def _change(which: sa.Select[Any]) -> sa.Update:
    """An UPDATE of the rows that are found, but for those that somebody is changing just now."""
    locked = which.with_for_update(skip_locked=True).scalar_subquery()
    return sa.update(_TABLE).where(_MESSAGES.id.in_(locked))
