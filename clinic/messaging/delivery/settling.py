"""What becomes of messages after their calls, written down for many at once."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.bulk import among_given, update_all
from clinic.core.data.db import db, is_sqlite, transactional
from clinic.core.work import crash
from clinic.messaging import answers, statuses
from clinic.messaging.answers import Holds
from clinic.messaging.channels.call import Claim, Outcome
from clinic.messaging.delivery import callbacks
from clinic.messaging.delivery.calling import Ended
from clinic.messaging.models import Attempt, Message
from clinic.messaging.queueing.messages import note_skipped, ring, ring_counts
from clinic.messaging.senders import held
from clinic.messaging.senders.held import Met
from clinic.messaging.statuses import OutcomeKind, Status

_MESSAGES = Message.metadata.tables[Message.__tablename__]
_ATTEMPTS = Attempt.metadata.tables[Attempt.__tablename__]
_JUDGED = ("id", "status", "claim_token", "expires_at", "due_at")
Changes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settled:
    """Where each message stands by its call: None if a callback was faster, which is not undone, or
    the claim is no longer the message's. `busy` are those that somebody is changing just now.
    """

    stands: dict[UUID, Status | None]
    busy: list[Ended]


@transactional
def settle(ended: Sequence[Ended]) -> Settled:
    """Write down what came of calls, of all together.

    What is busy is to be settled again in a moment: who waits for one row while it holds others
    may wait in a circle.
    """
    crash.point("before_settle")
    moment = clock.now()
    rows = _locked([claim.id for claim, _ in ended])
    here = [(claim, _judged(claim, outcome)) for claim, outcome in ended if claim.id in rows]
    changes = {
        claim.id: _changes(rows[claim.id], claim, outcome, moment) for claim, outcome in here
    }
    update_all(_MESSAGES, ("id",), [{"id": one, **new} for one, new in changes.items() if new])
    _end_attempts(here, changes, moment)
    stands = {one: new.get("status") for one, new in changes.items()}
    for claim, outcome in here:
        if stands[claim.id] is Status.FAILED:
            callbacks.note_failure(claim, outcome.error_code)
        elif stands[claim.id] is Status.SKIPPED and outcome.kind == Status.SKIPPED:
            note_skipped(claim.id, claim.organisation_id, outcome.error_code)
    ring({claim.organisation_id for claim, _ in here})
    unclear = {one for one, new in changes.items() if new.get("needs_attention")}
    ring_counts({claim.organisation_id for claim, _ in here if claim.id in unclear})
    return Settled(stands, [one for one in ended if one[0].id not in rows])


def _judged(claim: Claim, outcome: Outcome) -> Outcome:
    """A fault of ours holds what it touches; where it is this message's own, it has failed."""
    if outcome.kind != OutcomeKind.HELD:
        return outcome
    met = Met(claim.id, claim.channel, outcome.sender or "", outcome.error_code or "")
    return outcome if held.hold(met) else replace(outcome, kind="failed")


def _end_attempts(here: Sequence[Ended], changes: dict[UUID, Changes], moment: datetime) -> None:
    """What a fault of ours stopped was no try: it is not counted, and not kept."""
    none = [claim.id for claim, _ in here if "attempts" in changes[claim.id]]
    tried = [_attempt(*one, moment) for one in here if one[0].id not in none]
    update_all(_ATTEMPTS, ("message_id", "number"), tried)
    if none:
        undone = _ATTEMPTS.c.message_id.in_(none) & _ATTEMPTS.c.ended_at.is_(None)
        db.session.execute(sa.delete(_ATTEMPTS).where(undone))


def _attempt(claim: Claim, outcome: Outcome, moment: datetime) -> dict[str, Any]:
    return {
        "message_id": claim.id,
        "number": claim.number,
        "ended_at": moment,
        "outcome": outcome.kind,
        "error_code": outcome.error_code,
    }


@transactional
def resolve(answers: Sequence[tuple[UUID, Sequence[Outcome]]]) -> int:
    """What the provider knows of uncertain messages after all: of each, all that has its words.

    A message becomes the first of them that is no other message of ours. Returns how many were
    found; a callback may have been faster.
    """
    named = {one.provider_id for _, found in answers for one in found}
    if not named:
        return 0
    theirs = sa.select(Message.provider_id).where(Message.provider_id.in_(named))
    taken = set(db.session.scalars(theirs))
    rows = _locked([message_id for message_id, _ in answers])
    resolved = []
    for message_id, found in answers:
        new = next((one for one in found if one.provider_id not in taken), None)
        row = rows.get(message_id)
        if new is None or row is None or row.status != Status.UNCERTAIN:
            continue
        taken.add(new.provider_id)
        resolved.append({"id": message_id, **_known_as(new)})
    update_all(_MESSAGES, ("id",), resolved)
    return len(resolved)


def _known_as(found: Outcome) -> Changes:
    return {
        "status": found.kind,
        "provider_id": found.provider_id,
        "sender": found.sender,
        "error_code": None,
        "needs_attention": False,
    }


# --- the rule


def _changes(row: sa.Row[Any], claim: Claim, outcome: Outcome, moment: datetime) -> Changes:
    """What an outcome changes in the row that `claim` was made of."""
    if row.claim_token != claim.token:
        return {}
    known: Changes = {}
    if outcome.provider_id:
        known = {"provider_id": outcome.provider_id, "sender": outcome.sender, "sent_at": moment}
    if row.status not in (Status.SENDING, Status.UNCERTAIN):
        return known  # a callback has already moved it on; this is how others will name it
    return known | _after(row, claim, outcome, moment)


def _after(row: sa.Row[Any], claim: Claim, outcome: Outcome, moment: datetime) -> Changes:
    if outcome.kind == OutcomeKind.HELD:
        return _put_back(row, claim, outcome, moment)
    if outcome.kind == "retry":
        return _next_try(row, claim, outcome, moment)
    status = Status.FAILED if outcome.kind in statuses.REFUSALS else Status(outcome.kind)
    return {
        "status": status,
        "error_code": outcome.error_code,
        "needs_attention": status in (Status.FAILED, Status.UNCERTAIN),
        "settled_at": moment if status in statuses.FINAL else None,
    }


def _put_back(row: sa.Row[Any], claim: Claim, outcome: Outcome, moment: datetime) -> Changes:
    """It waits with the others. Where a message is let through to try, it shall be another one:
    whose turn it was comes last."""
    if row.expires_at and row.expires_at <= moment:
        return {"status": Status.SKIPPED, "error_code": "stale", "settled_at": moment}
    return {
        "status": Status.QUEUED,
        "error_code": outcome.error_code,
        "attempts": claim.number - 1,
        "due_at": moment if answers.holds(outcome.error_code) is Holds.SENDER else row.due_at,
        "claim_token": None,
        "lease_until": None,
    }


def _next_try(row: sa.Row[Any], claim: Claim, outcome: Outcome, moment: datetime) -> Changes:
    ended: Changes = {"error_code": outcome.error_code, "settled_at": moment}
    if claim.number >= statuses.MOST_ATTEMPTS:
        return {"status": Status.FAILED, **ended}
    again = moment + statuses.backoff(claim.number, random.uniform(0.8, 1.2))  # noqa: S311 - jitter
    if row.expires_at and row.expires_at <= again:
        return {"status": Status.SKIPPED, **ended, "error_code": "stale"}
    return {
        "status": Status.QUEUED,
        "error_code": outcome.error_code,
        "due_at": again,
        "claim_token": None,
        "lease_until": None,
    }


# --- statements, made once for each kind of database


def _locked(ids: list[UUID]) -> dict[UUID, sa.Row[Any]]:
    """The rows as they stand, until the end of the transaction; without those that others hold."""
    return {row.id: row for row in db.session.execute(_lock(is_sqlite()), {"ids": ids})}


@cache
def _lock(sqlite: bool) -> sa.Select[Any]:
    named = among_given(_MESSAGES.c.id, "ids", sqlite)
    columns = (_MESSAGES.c[name] for name in _JUDGED)
    return sa.select(*columns).where(named).with_for_update(skip_locked=True)
