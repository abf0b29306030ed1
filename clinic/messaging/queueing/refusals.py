"""Addresses that want no texts, or cannot be reached by them."""

from uuid import uuid4

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, insert_new, must_be_writing
from clinic.messaging.channels import HEEDING
from clinic.messaging.models import Message, OptOut
from clinic.messaging.queueing.messages import ring
from clinic.messaging.statuses import Status


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
            Message.channel.in_(HEEDING),
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
