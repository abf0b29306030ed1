"""What the provider reports about a message."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core import clock
from clinic.core.data.db import db, insert_new, transactional
from clinic.events.service import record
from clinic.messaging import statuses
from clinic.messaging.facts import MessageFailed
from clinic.messaging.models import Callback, Message
from clinic.messaging.queueing.messages import ring, ring_counts
from clinic.messaging.queueing.refusals import remember_refusal
from clinic.messaging.statuses import OutcomeKind, Status


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
    ring_counts({organisation_id})
    failed = MessageFailed(
        organisation_id=organisation_id, message_id=message_id, error_code=error_code
    )
    record(failed, THE_SYSTEM)
