"""Record what happened, and hand it to whoever must know."""

from uuid import uuid4

import sqlalchemy as sa
import structlog

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.db import db, must_be_writing
from clinic.core.work import queue
from clinic.events.fact import Fact
from clinic.events.models import EventDelivery, EventRow
from clinic.events.subscriptions import subscriptions

DELIVER_JOB = "clinic.events.jobs.deliver_due"


def record(fact: Fact, actor: Actor) -> None:
    """Insert the event and its deliveries, and run the NOW handlers, in this transaction."""
    must_be_writing()
    _insert(fact, actor)
    for handler in subscriptions().now.get(type(fact), ()):
        handler(fact)


def _insert(fact: Fact, actor: Actor) -> None:
    moment = clock.now()
    db.session.execute(
        sa.insert(EventRow).values(
            id=fact.id,
            at=moment,
            name=fact.name,
            topic=fact.topic,
            organisation_id=fact.organisation_id,
            actor_id=actor.user_id,
            actor_role=actor.role,
            request_id=structlog.contextvars.get_contextvars().get("request_id"),
            payload=fact.payload(),
        )
    )
    waiting = [
        {"id": uuid4(), "event_id": fact.id, "handler": handler, "due_at": moment, "attempts": 0}
        for handler in subscriptions().later.get(type(fact), ())
    ]
    if waiting:
        db.session.execute(sa.insert(EventDelivery), waiting)
        queue.kick(DELIVER_JOB)
