"""One token bucket per sender, shared by all workers: carriers punish bursts."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from clinic.core import clock, running
from clinic.core.data.db import UtcDateTime, db, insert_new, transactional
from clinic.messaging.models import SenderBucket

_BUCKETS = SenderBucket.metadata.tables[SenderBucket.__tablename__]
_MINE = _BUCKETS.c.sender == sa.bindparam("of")
_LOOK = sa.select(_BUCKETS.c.tokens, _BUCKETS.c.filled_at).where(_MINE).with_for_update()
_LEAVE = (
    sa.update(_BUCKETS)
    .where(_MINE)
    .values(
        tokens=sa.bindparam("left", type_=sa.Float()),
        filled_at=sa.bindparam("moment", type_=UtcDateTime()),
    )
)
_PUT_BACK = sa.update(_BUCKETS).where(_MINE).values(tokens=_BUCKETS.c.tokens + sa.bindparam("more"))


def take(sender: str, wanted: int) -> int:
    """Take up to `wanted` tokens; a full bucket holds one second's worth, but at least one.

    Returns how many were there. Inside a transaction the bucket is locked until its end, and a
    rollback leaves the tokens there.
    """
    rate = running.settings().sender_messages_per_second
    return _take(sender, wanted, rate) if rate else wanted


@transactional
def _take(sender: str, wanted: int, rate: float) -> int:
    there, filled_at = _look(sender, rate)
    moment = clock.now()
    elapsed = max(timedelta(0), moment - filled_at).total_seconds()
    tokens = min(max(rate, 1), there + elapsed * rate)
    granted = min(wanted, int(tokens))
    db.session.execute(_LEAVE, {"of": sender, "left": tokens - granted, "moment": moment})
    return granted


def _look(sender: str, rate: float) -> tuple[float, datetime]:
    found = db.session.execute(_LOOK, {"of": sender}).one_or_none()
    if found is None:
        full = {"sender": sender, "tokens": max(rate, 1), "filled_at": clock.now()}
        db.session.execute(insert_new(SenderBucket).values(full))
        found = db.session.execute(_LOOK, {"of": sender}).one()
    return found.tokens, found.filled_at


@transactional
def put_back(sender: str, unused: int) -> None:
    """Tokens that were taken in this transaction for messages that do not go out after all."""
    if running.settings().sender_messages_per_second:
        db.session.execute(_PUT_BACK, {"of": sender, "more": unused})
