"""Queue and void messages, believe callbacks, remember opt-outs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.core import clock, live, queue, running
from clinic.core.db import db, insert_new, must_be_writing, transactional
from clinic.core.errors import Conflict, NotFound
from clinic.core.security import THE_SYSTEM
from clinic.events.names import Event
from clinic.events.service import record
from clinic.messaging import rendering, statuses
from clinic.messaging.models import Callback, Message, OptOut
from clinic.messaging.statuses import OutcomeKind, Status

DELIVER_JOB = "clinic.messaging.jobs.deliver_due"
INBOX = "development"  # its topic stands beside those of the organisations


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What the caller knows: an address and its language, never a patient."""

    organisation_id: UUID | None
    channel: str
    address: str
    template: str
    values: dict[str, Any] = field(default_factory=dict)
    audience: str = "patient"
    language: str = "en"
    about_id: UUID | None = None
    expires_at: datetime | None = None
    due_at: datetime | None = None
    dedupe_key: str | None = None
    calendar: str | None = None


def queue_messages(news: Sequence[NewMessage]) -> int:
    """Insert them into the ledger; a known dedupe_key stays as it is. Returns how many are new."""
    must_be_writing()
    if not news:
        return 0
    statement = insert_new(Message.metadata.tables[Message.__tablename__])
    # RETURNING, because psycopg reports no row count for an insert. The rows stand beside the
    # statement and not in it, or it would be compiled anew for each batch.
    inserted = db.session.execute(
        statement.returning(Message.id), [_row(new) for new in news]
    ).all()
    queue.kick(DELIVER_JOB)
    ring({new.organisation_id for new in news})
    return len(inserted)


def _row(new: NewMessage) -> dict[str, Any]:
    moment = clock.now()
    status, reason = _first_status(new, moment)
    words = rendering.render(new.template, new.channel, new.values)
    return {
        "id": uuid4(),
        "organisation_id": new.organisation_id,
        "direction": "out",
        "channel": new.channel,
        "audience": new.audience,
        "address": new.address,
        "template": new.template,
        "language": new.language,
        "subject": words.subject,
        "body": words.text,
        "calendar": new.calendar,
        "about_id": new.about_id,
        "dedupe_key": new.dedupe_key,
        "status": status,
        "error_code": reason,
        "due_at": new.due_at or moment,
        "expires_at": new.expires_at,
        "attempts": 0,
        "needs_attention": False,
        "created_at": moment,
        "settled_at": moment if reason else None,
    }


def _first_status(new: NewMessage, moment: datetime) -> tuple[Status, str | None]:
    """Skipped at once, and visibly, when there is nowhere to send it or no time left."""
    if not new.address:
        return Status.SKIPPED, "no_address"
    if new.expires_at and new.expires_at <= moment:
        return Status.SKIPPED, "stale"
    return Status.QUEUED, None


def void(about_id: UUID, audience: str | None = None) -> int:
    """Nothing about this is claimed after the caller's commit. Returns how many were voided."""
    must_be_writing()
    about = sa.and_(Message.about_id == about_id, Message.direction == "out")
    if audience:
        about = sa.and_(about, Message.audience == audience)
    # A call that is being made cannot be stopped, but if it fails there must be no second one.
    calling = sa.update(Message).where(about, Message.status == Status.SENDING)
    db.session.execute(calling.values(expires_at=clock.now()))
    voided = db.session.scalars(
        sa.update(Message)
        .where(about, Message.status == Status.QUEUED)
        .values(status=Status.CANCELLED, settled_at=clock.now(), claim_token=None)
        .returning(Message.organisation_id)
    ).all()
    ring(set(voided))
    return len(voided)


@dataclass(frozen=True, slots=True)
class Report:
    """One status callback, as the provider posted it."""

    message_id: UUID | None
    provider_id: str
    provider_status: str
    error_code: str | None


@transactional
def record_callback(report: Report) -> bool:
    """Move the message forward. False for an unknown one or a repeated report."""
    message = _reported(report)
    if message is None or not _note(report, message.id):
        return False
    target = statuses.forward(Status(message.status), report.provider_status)
    message.provider_id = message.provider_id or report.provider_id
    if target is not None:
        message.status = target
        message.error_code = report.error_code
        message.needs_attention = target is Status.FAILED
        message.settled_at = clock.now() if target in statuses.FINAL else message.settled_at
        db.session.flush()
    if target is Status.FAILED:
        note_failure(message.id, message.address, message.organisation_id, report.error_code)
    ring({message.organisation_id})
    return True


def _reported(report: Report) -> Message | None:
    which = Message.provider_id == report.provider_id
    if report.message_id:
        which = sa.or_(which, Message.id == report.message_id)
    return db.session.scalar(sa.select(Message).where(which).with_for_update())


def _note(report: Report, message_id: UUID) -> bool:
    statement = insert_new(Callback).values(
        id=uuid4(),
        message_id=message_id,
        provider_id=report.provider_id,
        provider_status=report.provider_status,
        error_code=report.error_code,
        received_at=clock.now(),
    )
    noted = statement.returning(Callback.id)
    return db.session.execute(noted).first() is not None


def note_failure(
    message_id: UUID, address: str, organisation_id: UUID | None, error_code: str | None
) -> None:
    """Remember what a failure tells about the address, and let the rooms above hear of it."""
    code = int(error_code) if error_code and error_code.isdecimal() else None
    kind = statuses.classify(None, code)
    if kind in (OutcomeKind.OPTED_OUT, OutcomeKind.UNREACHABLE):
        remember_refusal(address, str(kind), error_code or "")
    db.session.execute(
        sa.update(Message).where(Message.id == message_id).values(needs_attention=True)
    )
    record(
        Event.MESSAGE_FAILED,
        THE_SYSTEM,
        organisation_id,
        message_id=message_id,
        error_code=error_code,
    )


def remember_refusal(address: str, kind: str, reason: str) -> None:
    """No more texts to this address, and none of those that wait."""
    must_be_writing()
    db.session.execute(
        insert_new(OptOut).values(
            id=uuid4(), address=address, kind=kind, since=clock.now(), reason=reason
        )
    )
    waiting = db.session.scalars(
        sa.update(Message)
        .where(
            Message.address == address,
            Message.channel != "email",
            Message.status == Status.QUEUED,
        )
        .values(status=Status.SKIPPED, error_code=kind, settled_at=clock.now())
        .returning(Message.organisation_id)
    ).all()
    ring(set(waiting))


def forget_refusal(address: str) -> bool:
    """The person wants texts again. Returns whether they had refused them."""
    must_be_writing()
    gone = db.session.execute(sa.delete(OptOut).where(OptOut.address == address))
    return gone.rowcount > 0  # type: ignore[attr-defined]


@transactional
def resend(message_id: UUID, organisation_id: UUID) -> UUID:
    """Send a settled message anew, as a message of its own. Raises NotFound or Conflict."""
    old = db.session.get(Message, message_id, with_for_update=True)
    if old is None or old.organisation_id != organisation_id or old.direction != "out":
        raise NotFound
    if old.status in (Status.QUEUED, Status.SENDING):
        raise Conflict("It is still on its way.")
    old.needs_attention = False
    moment = clock.now()
    copied = {
        name: getattr(old, name)
        for name in ("organisation_id", "channel", "audience", "address", "template", "language",
                     "subject", "body", "calendar", "about_id", "expires_at")
    }  # fmt: skip
    new = Message(
        **copied, id=uuid4(), direction="out", status=Status.QUEUED, due_at=moment,
        dedupe_key=f"resend:{old.id}:{moment.isoformat()}", created_at=moment,
    )  # fmt: skip
    db.session.add(new)
    db.session.flush()
    queue.kick(DELIVER_JOB)
    ring({organisation_id})
    return new.id


@transactional
def mark_seen(message_id: UUID, organisation_id: UUID) -> None:
    """Raises NotFound for another organisation's message."""
    seen = db.session.execute(
        sa.update(Message)
        .where(Message.id == message_id, Message.organisation_id == organisation_id)
        .values(needs_attention=False)
    )
    if seen.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound
    ring({organisation_id})


def ring(organisation_ids: set[UUID | None]) -> None:
    """The pages that show the ledger, and the development inbox."""
    for organisation_id in organisation_ids:
        if organisation_id:
            live.ring(f"messages:{organisation_id}", "messages")
    if not running.settings().production:
        live.ring(f"messages:{INBOX}", "messages")
