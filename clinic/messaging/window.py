"""For a day after each WhatsApp message of a patient they may be written to in words of our own."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, is_there
from clinic.messaging.models import Message

OPEN_FOR = timedelta(hours=24)
CHANNEL = "whatsapp"
CLOSED = "63016"  # what the provider says when it is
TO_CALL = timedelta(minutes=1)  # until what is judged now has gone


def is_open(address: str, at: datetime) -> bool:
    """Whether a free text may go to that number at that moment, by what came in so far."""
    return is_there(Message.address == address, *_written(at))


def open_among(addresses: Iterable[str]) -> frozenset[str]:
    """To which of these numbers a free text may go now: one statement, or none without numbers."""
    wanted = set(addresses)
    if not wanted:
        return frozenset()
    query = sa.select(Message.address).where(
        Message.address.in_(wanted), *_written(clock.now() + TO_CALL)
    )
    return frozenset(db.session.scalars(query.distinct()))


def _written(at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Message.created_at > at - OPEN_FOR,
        Message.created_at <= at,
        Message.direction == "in",
        Message.channel == CHANNEL,
        Message.provider_id.is_not(None),  # nor a desk's copy, which is the same text
    )
