"""The delivery of a message, from `queued` to a visible end, once: claim, begin, hand over, settle.

A message is handed to a provider only between the commit of `sending` and its outcome. A death
in between leaves `sending`; when the lease ends it is `uncertain` and is never blindly sent again.
"""

import random
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, lease_clock, transactional
from clinic.core.work import crash
from clinic.messaging import statuses
from clinic.messaging.channels import CHANNELS
from clinic.messaging.channels.call import Claim, Outcome
from clinic.messaging.models import Attempt, Message, OptOut
from clinic.messaging.statuses import Status

CLAIM_SIZE = 25
# Tables, not classes: thousands of these statements follow each other, and nothing is loaded that
# a session would have to keep in step.
_MESSAGES = Message.metadata.tables[Message.__tablename__]
_ATTEMPTS = Attempt.metadata.tables[Attempt.__tablename__]
LEASE = timedelta(seconds=60)
NEEDED_LEASE = timedelta(seconds=15)  # a provider call may take this long


@transactional
def claim_due(limit: int = CLAIM_SIZE) -> list[Claim]:
    """Lease up to `limit` due messages to this worker."""
    moment = clock.now()
    due = (
        sa.select(Message.id)
        .where(
            Message.status == Status.QUEUED,
            Message.due_at <= moment,
            sa.or_(Message.lease_until.is_(None), Message.lease_until < lease_clock()),
        )
        .order_by(Message.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    token = uuid4()
    claimed = (
        sa.update(Message)
        .where(Message.id.in_(due.scalar_subquery()))
        .values(claim_token=token, lease_until=lease_clock(crash.hurried(LEASE)))
        .returning(*_CLAIMED)
        .execution_options(synchronize_session=False)
    )
    return [Claim(token=token, **row._mapping) for row in db.session.execute(claimed)]


_CLAIMED = (
    Message.id,
    Message.organisation_id,
    Message.channel,
    Message.audience,
    Message.address,
    Message.sender,
    Message.subject,
    Message.body,
    Message.calendar,
    Message.about_id,
    Message.language,
    (Message.attempts + 1).label("number"),
)


@transactional
def begin_sending(claim: Claim) -> bool:
    """Commit that the call is about to be made. False when it must not be made any more.

    Everything is read again here: a cancel, an opt-out or the visit's start may have come since
    the claim, and with less than 15 s of lease left the call could outlive it.
    """
    moment = clock.now()
    mine = sa.update(_MESSAGES).where(
        _MESSAGES.c.id == claim.id,
        _MESSAGES.c.claim_token == claim.token,
        _MESSAGES.c.status == Status.QUEUED,
        _MESSAGES.c.lease_until > lease_clock(crash.hurried(NEEDED_LEASE)),
    )
    begun = db.session.execute(
        mine.where(*_still_wanted(claim, moment)).values(
            status=Status.SENDING, attempts=claim.number
        )
    )
    if begun.rowcount == 0:  # type: ignore[attr-defined]
        _skip(mine, _reason_to_skip(claim, moment), moment)
        return False
    attempt = {"id": uuid4(), "message_id": claim.id, "number": claim.number, "started_at": moment}
    db.session.execute(sa.insert(_ATTEMPTS), attempt)
    return True


def _still_wanted(claim: Claim, moment: datetime) -> list[sa.ColumnElement[bool]]:
    """What makes `_reason_to_skip` say nothing, as conditions of the very UPDATE that begins."""
    expires_at = _MESSAGES.c.expires_at
    wanted: list[sa.ColumnElement[bool]] = [sa.or_(expires_at.is_(None), expires_at > moment)]
    if CHANNELS[claim.channel].heeds_refusals:
        wanted.append(~sa.exists().where(OptOut.address == claim.address))
    return wanted


def _skip(mine: sa.Update, reason: str | None, moment: datetime) -> None:
    if reason:
        skipped = {"status": Status.SKIPPED, "error_code": reason, "settled_at": moment}
        db.session.execute(mine.values(**skipped))


def _reason_to_skip(claim: Claim, moment: datetime) -> str | None:
    expires_at = db.session.scalar(sa.select(Message.expires_at).where(Message.id == claim.id))
    if expires_at and expires_at <= moment:
        return "stale"
    if not CHANNELS[claim.channel].heeds_refusals:
        return None
    return db.session.scalar(
        sa.select(OptOut.kind).where(OptOut.address == claim.address).order_by(OptOut.kind).limit(1)
    )


@transactional
def settle(claim: Claim, outcome: Outcome) -> Status | None:
    """Write down what came of the call. Returns where the message stands by it; None if a
    callback was faster (which is not undone), or the claim is no longer the message's.
    """
    crash.point("before_settle")
    moment = clock.now()
    db.session.execute(
        sa.update(_ATTEMPTS)
        .where(_ATTEMPTS.c.message_id == claim.id, _ATTEMPTS.c.number == claim.number)
        .values(ended_at=moment, outcome=outcome.kind, error_code=outcome.error_code)
    )
    mine = sa.update(_MESSAGES).where(
        _MESSAGES.c.id == claim.id, _MESSAGES.c.claim_token == claim.token
    )
    known: dict[str, object] = {}
    if outcome.provider_id:
        known = {"provider_id": outcome.provider_id, "sender": outcome.sender, "sent_at": moment}
    still_open = _MESSAGES.c.status.in_((Status.SENDING, Status.UNCERTAIN))
    status, more = _after(claim, outcome, moment)
    moved = db.session.execute(mine.where(still_open).values(status=status, **known, **more))
    if moved.rowcount:  # type: ignore[attr-defined]
        return status
    if known:  # a callback has already moved the status on; this is how others will name it
        db.session.execute(mine.values(**known))
    return None


def _after(claim: Claim, outcome: Outcome, moment: datetime) -> tuple[Status, dict[str, object]]:
    if outcome.kind == "retry":
        return _next_try(claim, outcome, moment)
    status = Status.FAILED if outcome.kind in statuses.REFUSALS else Status(outcome.kind)
    return status, {
        "error_code": outcome.error_code,
        "needs_attention": status in (Status.FAILED, Status.UNCERTAIN),
        "settled_at": moment if status in statuses.FINAL else None,
    }


def _next_try(claim: Claim, outcome: Outcome, moment: datetime) -> tuple[Status, dict[str, object]]:
    ended: dict[str, object] = {"error_code": outcome.error_code, "settled_at": moment}
    if claim.number >= statuses.MOST_ATTEMPTS:
        return Status.FAILED, ended
    again = moment + statuses.backoff(claim.number, random.uniform(0.8, 1.2))  # noqa: S311 - jitter
    expires_at = db.session.scalar(sa.select(Message.expires_at).where(Message.id == claim.id))
    if expires_at and expires_at <= again:
        return Status.SKIPPED, {**ended, "error_code": "stale"}
    return Status.QUEUED, {
        "error_code": outcome.error_code,
        "due_at": again,
        "claim_token": None,
        "lease_until": None,
    }


@transactional
def give_back(claims: list[Claim]) -> None:
    """Release what was claimed but may not be sent yet."""
    db.session.execute(
        sa.update(Message)
        .where(
            Message.id.in_([claim.id for claim in claims]),
            Message.status == Status.QUEUED,
            Message.claim_token.in_({claim.token for claim in claims}),
        )
        .values(claim_token=None, lease_until=None)
    )


@transactional
def mark_uncertain() -> int:
    """Calls whose worker died: their lease has ended without an outcome. Returns how many."""
    marked = db.session.execute(
        sa.update(Message)
        .where(Message.status == Status.SENDING, Message.lease_until < lease_clock())
        .values(status=Status.UNCERTAIN, error_code="no_answer", needs_attention=True)
    )
    return marked.rowcount  # type: ignore[attr-defined]


@transactional
def resolve(message_id: UUID, found: Outcome) -> bool:
    """The provider knows an uncertain message after all. False if a callback was faster, or if
    what it knows is another message of ours with the same words.
    """
    theirs = sa.select(Message.id).where(Message.provider_id == found.provider_id)
    if db.session.scalar(theirs.limit(1)):
        return False
    resolved = db.session.execute(
        sa.update(Message)
        .where(Message.id == message_id, Message.status == Status.UNCERTAIN)
        .values(
            status=found.kind,
            provider_id=found.provider_id,
            sender=found.sender,
            error_code=None,
            needs_attention=False,
        )
    )
    return resolved.rowcount == 1  # type: ignore[attr-defined]
