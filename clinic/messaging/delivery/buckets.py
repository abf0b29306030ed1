"""One token bucket per sender, shared by all workers: carriers punish bursts."""

from datetime import timedelta

import sqlalchemy as sa

from clinic.core import clock, running
from clinic.core.data.db import db, insert_new, transactional
from clinic.messaging.models import SenderBucket


def take(sender: str, wanted: int) -> int:
    """Take up to `wanted` tokens; a full bucket holds one second's worth, but at least one.

    Returns how many were there.
    """
    rate = running.settings().sender_messages_per_second
    return _take(sender, wanted, rate) if rate else wanted


@transactional
def _take(sender: str, wanted: int, rate: float) -> int:
    _ensure(sender, rate)
    bucket = db.session.execute(
        sa.select(SenderBucket)
        .where(SenderBucket.sender == sender)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    moment = clock.now()
    elapsed = max(timedelta(0), moment - bucket.filled_at).total_seconds()
    tokens = min(max(rate, 1), bucket.tokens + elapsed * rate)
    granted = min(wanted, int(tokens))
    bucket.tokens, bucket.filled_at = tokens - granted, moment
    db.session.flush()
    return granted


def _ensure(sender: str, rate: float) -> None:
    full = {"sender": sender, "tokens": max(rate, 1), "filled_at": clock.now()}
    statement = insert_new(SenderBucket).values(full)
    db.session.execute(statement)
