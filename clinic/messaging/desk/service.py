"""What the front desk does with a message."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock, running
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, NotFound
from clinic.core.work import queue
from clinic.messaging import channels
from clinic.messaging.desk import queries
from clinic.messaging.errors import CannotResend
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
from clinic.messaging.statuses import Status

Again = Callable[[str, UUID, str], NewMessage | None]  # template, visit, channel


@transactional
def resend(message_id: UUID, actor: Actor, channel: str | None = None) -> UUID:
    """Send a settled message anew, as a message of its own; of a visit in today's words, to the
    address of today, and by another channel if one is named. Raises NotFound or CannotResend.
    """
    old = db.session.scalar(
        sa.select(Message)
        .where(Message.id == message_id, queries.VISIBLE.to(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if old is None or old.direction != "out":
        raise NotFound
    if old.status in (Status.QUEUED, Status.SENDING):
        raise CannotResend("on_its_way", N_("It is still on its way."))
    if channel and channel not in channels.that_can_send(old.audience):
        raise CannotResend("cannot_send", N_("Nothing can be sent this way now."))
    values = _now(old, channel or old.channel)
    if old.needs_attention:
        ring_counts({old.organisation_id})
    old.needs_attention = False
    # Whoever is there presses a button for somebody they know; a number has its day all the same.
    if is_held_back(Wish(values["address"], old.organisation_id, is_known=True, gives_way=False)):
        words = N_("Too many messages went out in a short time. Call, or try again later.")
        raise CannotResend("too_many", words)
    moment = clock.now()
    values |= {
        "id": uuid4(), "status": Status.QUEUED, "error_code": None, "due_at": moment,
        "settled_at": None, "is_known": True, "created_at": moment,
        "dedupe_key": f"resend:{old.id}:{moment.isoformat()}",
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
    new = again(old.template, old.about_id, channel) if old.about_id else None
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
                     "subject", "body", "variables", "calendar", "about_id", "expires_at")
    }  # fmt: skip


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
