"""What the front desk does with a message."""

from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Conflict, NotFound
from clinic.core.work import queue
from clinic.messaging.desk import queries
from clinic.messaging.models import Message
from clinic.messaging.queueing.caps import Wish
from clinic.messaging.queueing.messages import DELIVER_JOB, is_held_back, ring
from clinic.messaging.statuses import Status


@transactional
def resend(message_id: UUID, actor: Actor) -> UUID:
    """Send a settled message anew, as a message of its own. Raises NotFound or Conflict."""
    old = db.session.scalar(
        sa.select(Message)
        .where(Message.id == message_id, queries.VISIBLE.to(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if old is None or old.direction != "out":
        raise NotFound
    if old.status in (Status.QUEUED, Status.SENDING):
        raise Conflict(N_("It is still on its way."))
    old.needs_attention = False
    # Whoever is there presses a button for somebody they know; a number has its day all the same.
    if is_held_back(Wish(old.address, old.organisation_id, is_known=True, gives_way=False)):
        raise Conflict(N_("Too many messages went out in a short time. Call, or try again later."))
    moment = clock.now()
    copied = {
        name: getattr(old, name)
        for name in ("organisation_id", "channel", "audience", "address", "template", "language",
                     "subject", "body", "calendar", "about_id", "expires_at")
    }  # fmt: skip
    new = Message(
        **copied, id=uuid4(), direction="out", status=Status.QUEUED, due_at=moment,
        is_known=True,
        dedupe_key=f"resend:{old.id}:{moment.isoformat()}", created_at=moment,
    )  # fmt: skip
    db.session.add(new)
    db.session.flush()
    queue.kick(DELIVER_JOB)
    ring({old.organisation_id})
    return new.id


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
