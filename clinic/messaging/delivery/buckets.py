"""One token bucket per sender, shared by all workers: carriers punish bursts."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from clinic.core import clock, running
from clinic.core.data.db import UtcDateTime, db, insert_new, transactional
from clinic.messaging import channels
from clinic.messaging.channels.call import Claim
from clinic.messaging.models import Attempt, Message, SenderBucket
from clinic.messaging.senders import chosen

SECOND = timedelta(seconds=1)
_MESSAGES = Message.metadata.tables[Message.__tablename__].c
_ATTEMPTS = Attempt.metadata.tables[Attempt.__tablename__].c
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

_OF_LATE = (
    sa.select(
        _MESSAGES.organisation_id,
        _MESSAGES.channel,
        _MESSAGES.audience,
        sa.func.sum(_MESSAGES.parts).label("parts"),
    )
    .join(Attempt, _ATTEMPTS.message_id == _MESSAGES.id)
    .where(_ATTEMPTS.started_at > sa.bindparam("since", type_=UtcDateTime()))
    .group_by(_MESSAGES.organisation_id, _MESSAGES.channel, _MESSAGES.audience)
)


def within_rate(
    claims: Sequence[Claim], room: Mapping[str, int]
) -> tuple[list[Claim], list[Claim], list[Claim]]:
    """What may begin now, what its sender's bucket does not allow, and what finds no room."""
    allowed: list[Claim] = []
    waiting: list[Claim] = []
    later: list[Claim] = []
    free = max(room.values(), default=0)
    by_sender: Counter[str] = Counter()  # one number may text and write by WhatsApp
    for sender, theirs in _by_sender(claims):
        wanted = min(len(theirs), room.get(theirs[0].channel, 0), free - len(allowed))
        parts = [claim.parts for claim in theirs[:wanted]]
        granted = _granted(sender, parts, by_sender[sender]) if wanted else 0
        by_sender[sender] += sum(parts[:granted])
        allowed += theirs[:granted]
        (waiting if granted < wanted else later).extend(theirs[granted:])
    return allowed, waiting, later


def _granted(sender: str, parts: Sequence[int], before: int) -> int:
    """How many of these the sender's bucket allows, and never more than its rate within any one
    second.

    `before`: parts that were allowed in this very transaction. A bucket that has rested holds a
    second's worth, and fills again while that goes out.
    """
    granted = take(sender, parts)  # from here on no other worker counts for this sender
    rate = rate_of(sender)
    if not rate or not granted:
        return granted
    most = max(1, int(rate))
    allowed = _fitting(parts[:granted], most - _begun_of_late(sender) - before, most)
    if allowed < granted:
        put_back(sender, sum(parts[allowed:granted]))
    return allowed


def _fitting(parts: Sequence[int], there: float, most: float) -> int:
    """How many go, one after the other. One of more parts than there ever are goes when all are
    there: the next one waits until it is paid."""
    for count, one in enumerate(parts):
        if there < min(one, most):
            return count
        there -= one
    return len(parts)


def _begun_of_late(sender: str) -> int:
    """In how many parts went what began from this sender within the last second."""
    rows = db.session.execute(_OF_LATE, {"since": clock.now() - SECOND})
    return sum(
        row.parts
        for row in rows
        if chosen.sender_of(row.organisation_id, row.channel, row.audience) == sender
    )


def rate_of(sender: str) -> float:
    """Parts of texts, or other messages, a second: of an organisation's own sender that of its
    kind, or its own; else the setting's, which does not say what kind a number is."""
    own = chosen.rates().get(sender)
    return running.settings().sender_messages_per_second if own is None else own


def _by_sender(claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    """Of one channel each. Sorted: two workers lock several senders' buckets in one order."""
    found: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    settings = running.settings()
    for claim in claims:
        found[channels.sender_of(settings, claim), claim.channel].append(claim)
    return [(sender, found[sender, channel]) for sender, channel in sorted(found)]


def take(sender: str, parts: Sequence[int]) -> int:
    """Take a token for each part of these messages; a full bucket holds one second's worth, but at
    least one.

    Returns for how many messages they were there. Inside a transaction the bucket is locked until
    its end, and a rollback leaves the tokens there.
    """
    rate = rate_of(sender)
    return _take(sender, parts, rate) if rate else len(parts)


@transactional
def _take(sender: str, parts: Sequence[int], rate: float) -> int:
    there, filled_at = _look(sender, rate)
    moment = clock.now()
    elapsed = max(timedelta(0), moment - filled_at).total_seconds()
    tokens = min(max(rate, 1), there + elapsed * rate)
    granted = _fitting(parts, tokens, max(rate, 1))
    left = tokens - sum(parts[:granted])
    db.session.execute(_LEAVE, {"of": sender, "left": left, "moment": moment})
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
    if rate_of(sender):
        db.session.execute(_PUT_BACK, {"of": sender, "more": unused})


def put_back_of(claims: list[Claim]) -> None:
    """The tokens of calls that are not made."""
    for sender, theirs in _by_sender(claims):
        put_back(sender, sum(claim.parts for claim in theirs))
