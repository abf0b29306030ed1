"""What the front desk does with a message."""

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock, running
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.core.errors import N_, NotFound
from clinic.core.work import queue
from clinic.events.service import record
from clinic.messaging.desk import queries
from clinic.messaging.errors import CannotCancel, CannotResend
from clinic.messaging.facts import MessageCancelled
from clinic.messaging.models import Message
from clinic.messaging.queueing.caps import Wish
from clinic.messaging.queueing.messages import (
    DELIVER_JOB,
    NewMessage,
    drafted,
    is_held_back,
    ring,
    ring_counts,
)
from clinic.messaging.senders import chosen
from clinic.messaging.statuses import Status

BY_DESK = "by_desk"
# Of a template, a visit or a reminder, a channel, and the key of the message of before.
Again = Callable[[str, UUID, str, str | None], NewMessage | None]


@transactional
def resend(message_id: UUID, actor: Actor, channel: str | None = None) -> UUID:
    """Send a settled message anew, as a message of its own; of a visit in today's words, to the
    address of today, and by another channel if one is named. Raises NotFound or CannotResend.
    """
    return again(_held(message_id, actor), clock.now().isoformat(), channel)


def _held(message_id: UUID, actor: Actor) -> Message:
    """Raises NotFound."""
    found = held([message_id], actor)
    if not found:
        raise NotFound
    return found[0]


def held(message_ids: Collection[UUID], actor: Actor) -> Sequence[Message]:
    """Those that went out, or were to, until the end of the transaction."""
    return db.session.scalars(
        sa.select(Message)
        .where(Message.id.in_(message_ids), queries.VISIBLE.to(actor), Message.direction == "out")
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def key_of(message_id: UUID, turn: str) -> str:
    """Of what says a message again: in each turn once."""
    return f"{queries.AGAIN}:{message_id}:{turn}"


def again(old: Message, turn: str, channel: str | None = None) -> UUID:
    """Raises CannotResend, before anything is written."""
    must_be_writing()
    if old.status in (Status.QUEUED, Status.SENDING):
        raise CannotResend("on_its_way", N_("It is still on its way."))
    if channel and channel not in chosen.ways(old.organisation_id, old.audience):
        raise CannotResend("cannot_send", N_("Nothing can be sent this way now."))
    values = _now(old, channel or old.channel)
    # Whoever is there presses a button for somebody they know; a number has its day all the same.
    if is_held_back(Wish(values["address"], old.organisation_id, is_known=True, gives_way=False)):
        words = N_("Too many messages went out in a short time. Call, or try again later.")
        raise CannotResend("too_many", words)
    if old.needs_attention:
        ring_counts({old.organisation_id})
    old.needs_attention = False
    moment = clock.now()
    values |= {
        "id": uuid4(), "status": Status.QUEUED, "error_code": None, "due_at": moment,
        "settled_at": None, "is_known": True, "created_at": moment,
        "dedupe_key": key_of(old.id, turn),
    }  # fmt: skip
    new = Message(**values)
    db.session.add(new)
    db.session.flush()
    queue.kick(DELIVER_JOB)
    ring({old.organisation_id})
    return new.id


def _now(old: Message, channel: str) -> dict[str, Any]:
    """What it says now, and where to. What is about no visit stays as it was."""
    again: Again = running.registered("again")  # the room above that knows what visits are told
    new = again(old.template, old.about_id, channel, old.dedupe_key) if old.about_id else None
    if new:
        return drafted(new)
    if channel != old.channel:
        raise CannotResend("one_way", N_("This can only be sent the way it was."))
    if old.expires_at and old.expires_at <= clock.now():
        words = N_("It is too late for this: what it holds is no longer valid.")
        raise CannotResend("expired", words)
    return {"direction": "out"} | {
        name: getattr(old, name)
        for name in ("organisation_id", "channel", "audience", "address", "template", "language",
                     "subject", "body", "variables", "calendar", "about_id", "expires_at",
                     "parts")
    }  # fmt: skip


@transactional
def cancel(message_id: UUID, actor: Actor) -> None:
    """What waits shall not go; twice is once. Raises NotFound or CannotCancel."""
    row = _held(message_id, actor)
    if row.status == Status.CANCELLED and row.error_code == BY_DESK:
        return
    if row.status == Status.SENDING:
        raise CannotCancel("on_its_way", N_("It is being sent just now, and cannot be stopped."))
    if row.status != Status.QUEUED:
        raise CannotCancel("settled", N_("It does not wait any more, so it cannot be stopped."))
    row.status, row.error_code, row.settled_at = Status.CANCELLED, BY_DESK, clock.now()
    row.claim_token = None  # whoever has it in hand and has not begun lets go
    db.session.flush()
    record(MessageCancelled(organisation_id=row.organisation_id, message_id=row.id), actor)
    ring({row.organisation_id})


@transactional
def mark_seen(message_id: UUID, actor: Actor) -> None:
    """Raises NotFound for another organisation's message."""
    seen = db.session.scalar(
        sa.update(Message)
        .where(Message.id == message_id, queries.VISIBLE.to(actor))
        .values(needs_attention=False)
        .returning(Message.organisation_id)
    )
    if seen is None:
        raise NotFound
    ring({seen})
    ring_counts({seen})
