"""A text of a number that nobody knows stands before the desk of each organisation of its sender.

Nobody can tell whose it is, so each desk has a copy of its own: it is listed, counted and marked as
seen there alone, and nobody waits for another clinic to look.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core.data.bulk import insert_unknown
from clinic.core.data.db import db, must_be_writing
from clinic.events.service import record_all
from clinic.messaging.conversations.keep import copy_key
from clinic.messaging.facts import MessageReceived
from clinic.messaging.inbound.places import Place
from clinic.messaging.models import Message, SenderIdentity
from clinic.messaging.queueing import messages
from clinic.messaging.senders import chosen
from clinic.organisations.models import Organisation

_SAME = (
    "direction", "channel", "audience", "address", "sender", "template", "language", "body",
    "status", "due_at", "attempts", "answer", "created_at", "settled_at",
)  # fmt: skip


def of_sender(channel: str, *ours: str) -> tuple[sa.ColumnExpressionArgument[bool], ...]:
    """That a sender is one of these: the number that was written to, or its service."""
    return (
        SenderIdentity.value.in_([one for one in ours if one]),
        SenderIdentity.channel == channel,
        SenderIdentity.verified_at.is_not(None),
        SenderIdentity.is_active,
    )


def owner_of(channel: str, *ours: str) -> Place | None:
    """Whose own sender one of these is: the number that was written to, or its service. None of one
    that organisations share."""
    found = db.session.execute(
        sa.select(Organisation.id, Organisation.name)
        .join(SenderIdentity, SenderIdentity.organisation_id == Organisation.id)
        .where(*of_sender(channel, *ours), Organisation.is_active)
        .limit(1)
    ).one_or_none()
    return Place(found.id, found.name) if found else None


def organisations_of_sender(channel: str) -> Sequence[UUID]:
    """All that are open and text from the numbers of the installation: who has a sender of its own
    does so no more."""
    query = sa.select(Organisation.id).where(Organisation.is_active).order_by(Organisation.id)
    opened = db.session.scalars(query).all()
    return [one for one in opened if chosen.own_of(one, channel) is None] or opened


def put_before(text_id: UUID, desks: Collection[UUID], waits_at: Collection[UUID]) -> None:
    """A copy for each of the desks; where one of that number waits already, it stands for this
    one, too."""
    must_be_writing()
    text = db.session.get_one(Message, text_id, populate_existing=True)
    copies = [_copy(text, desk, desk not in waits_at) for desk in desks]
    insert_unknown(Message, copies)
    record_all(
        [MessageReceived(organisation_id=one["organisation_id"], message_id=one["id"])
         for one in copies],
        THE_SYSTEM,
    )  # fmt: skip
    messages.ring(set(desks))


def _copy(text: Message, desk: UUID, needs_attention: bool) -> Mapping[str, Any]:
    return {
        **{name: getattr(text, name) for name in _SAME},
        "id": uuid4(),
        "organisation_id": desk,
        "dedupe_key": copy_key(text.id, desk),
        "is_known": True,
        "needs_attention": needs_attention,
    }


def is_copy() -> sa.ColumnElement[bool]:
    """Not what came in itself, of which there is one row, whoever reads it."""
    return sa.and_(Message.direction == "in", Message.dedupe_key.is_not(None))
