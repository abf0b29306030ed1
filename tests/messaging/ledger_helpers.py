"""Messages without a visit, for tests of the way from `queued` to an end."""

from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, lease_clock, transactional
from clinic.messaging.channels.call import Claim, Outcome
from clinic.messaging.delivery import ledger, settling
from clinic.messaging.models import Attempt, Message
from clinic.messaging.statuses import Status

ASHA = "+447700900000"
SENT = Outcome("sent", provider_id="SM1", sender="+447700900999")


@transactional
def queued(count: int = 1, **values: object) -> list[UUID]:
    """So many due texts, a second apart, the first one the longest due."""
    moment = clock.now()
    ids = [uuid4() for _ in range(count)]
    rows = [
        {
            "id": one,
            "direction": "out",
            "channel": "sms",
            "audience": "patient",
            "address": ASHA,
            "template": "visit_reminder",
            "language": "en",
            "body": f"Harbour: number {number}",
            "status": "queued",
            "due_at": moment - timedelta(seconds=count - number),
            "attempts": 0,
            "needs_attention": False,
            "created_at": moment,
            **values,
        }
        for number, one in enumerate(ids)
    ]
    db.session.execute(sa.insert(Message), rows)
    return ids


def message(message_id: UUID) -> Message:
    """As it stands in the database now."""
    db.session.rollback()
    return db.session.get_one(Message, message_id, populate_existing=True)


def attempts(message_id: UUID) -> list[Attempt]:
    query = sa.select(Attempt).where(Attempt.message_id == message_id).order_by(Attempt.number)
    return list(db.session.scalars(query))


def begun(**values: object) -> Claim:
    """One text whose call is being made."""
    queued(**values)
    (claim,) = claimed()
    assert begin(claim)
    return claim


def claimed(most: int = 100) -> list[Claim]:
    return ledger.claim_due(most)


def begin(claim: Claim) -> bool:
    """Whether its call may be made."""
    return ledger.begin([claim], {claim.channel: 1}).begun == [claim]


def settle(claim: Claim, outcome: Outcome) -> Status | None:
    """Where the message stands by the outcome."""
    return settling.settle([(claim, outcome)]).stands[claim.id]


def resolve(message_id: UUID, found: Outcome) -> bool:
    return settling.resolve([(message_id, [found])]) == 1


@transactional
def let_lease_end(message_id: UUID, left: timedelta = timedelta(seconds=-1)) -> None:
    """Set how much of the lease is left, by the clock that leases are measured with."""
    ends = {"lease_until": lease_clock(left)}
    db.session.execute(sa.update(Message).where(Message.id == message_id).values(**ends))
