"""What the provider reports about a message."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core import clock
from clinic.core.data.db import db, insert_new, transactional
from clinic.events.service import record
from clinic.messaging import answers, statuses
from clinic.messaging.channels.call import Claim
from clinic.messaging.facts import MessageFailed
from clinic.messaging.models import Callback, Message
from clinic.messaging.queueing.messages import ring, ring_counts
from clinic.messaging.queueing.refusals import remember_refusal
from clinic.messaging.senders import chosen, held
from clinic.messaging.senders.held import Met
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
    found = _reported(report)
    if found is None:
        return False
    message, something_is_held = found
    if _is_of_an_undone_call(report, message) or not _note(report, message.id):
        return False
    target = statuses.forward(Status(message.status), report.provider_status)
    if target is Status.FAILED and _waits_again(report, message):
        return True
    if something_is_held and target in (Status.SENT, Status.DELIVERED):
        held.free_by_report(message.channel, message.sender or "", message.sent_at)
    message.provider_id = message.provider_id or report.provider_id
    if target is not None:
        message.status = target
        message.error_code = report.error_code
        message.needs_attention = target is Status.FAILED
        message.settled_at = clock.now() if target in statuses.FINAL else message.settled_at
        db.session.flush()
    if target is Status.FAILED:
        note_failure(message, report.error_code)
    ring({message.organisation_id})
    return True


def _reported(report: Report) -> tuple[Message, bool] | None:
    """The message, and whether anything waits for a report to go on."""
    which = Message.provider_id == report.provider_id
    if report.message_id:
        which = sa.or_(which, Message.id == report.message_id)
    query = sa.select(Message, held.SOMETHING).where(which).with_for_update(of=Message)
    found = db.session.execute(query).first()
    return (found[0], found[1]) if found else None


def _waits_again(report: Report, message: Message) -> bool:
    """The network refused it for a fault of ours: it did not arrive, and is queued as it was."""
    moment = clock.now()
    if message.expires_at and message.expires_at <= moment:
        return False
    ours = message.sender or chosen.sender_of(
        message.organisation_id, message.channel, message.audience
    )
    met = Met(message.id, message.channel, ours, report.error_code or "", by_report=True)
    if not held.hold(met):
        return False
    message.status, message.error_code = Status.QUEUED, report.error_code
    message.due_at = moment
    message.provider_id = message.sent_at = message.claim_token = message.lease_until = None
    db.session.flush()
    ring({message.organisation_id})
    return True


def _is_of_an_undone_call(report: Report, message: Message) -> bool:
    """What is still said of a call after which the message was queued again."""
    if message.provider_id == report.provider_id or not message.attempts:
        return False
    undone = sa.select(Callback.id).where(
        Callback.provider_id == report.provider_id,
        Callback.provider_status.in_(("failed", "undelivered")),
    )
    return db.session.scalar(undone.limit(1)) is not None


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


def note_failure(message: Message | Claim, error_code: str | None) -> None:
    """Remember what a failure tells about the address, and let the rooms above hear of it."""
    code = int(error_code) if error_code and error_code.isdecimal() else None
    kind = answers.classify(None, code)
    if kind is OutcomeKind.UNREACHABLE:
        remember_refusal(message.address, str(kind), error_code or "")
    if kind is OutcomeKind.OPTED_OUT:
        _note_stop(message, error_code or "")
    db.session.execute(
        sa.update(Message).where(Message.id == message.id).values(needs_attention=True)
    )
    ring_counts({message.organisation_id})
    failed = MessageFailed(
        organisation_id=message.organisation_id, message_id=message.id, error_code=error_code
    )
    record(failed, THE_SYSTEM)


def _note_stop(message: Message | Claim, error_code: str) -> None:
    """They stopped the sender it went from: that of one organisation, or the one that is shared."""
    own = chosen.own_of(message.organisation_id, message.channel)
    place = message.organisation_id if own else None
    channels = (message.channel,)
    remember_refusal(message.address, str(OutcomeKind.OPTED_OUT), error_code, channels, place)
