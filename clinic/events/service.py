"""Record what happened, and hand it to whoever must know."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

import structlog

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.bulk import insert_all
from clinic.core.data.db import db, must_be_writing
from clinic.core.data.trips import writing
from clinic.core.data.trips.rows import Row
from clinic.core.work import queue
from clinic.events.fact import Fact
from clinic.events.models import EventDelivery, EventRow
from clinic.events.subscriptions import subscriptions

DELIVER_JOB = "clinic.events.jobs.deliver_due"
FEW = 8  # rows of one kind


def record(fact: Fact, actor: Actor) -> None:
    """One fact of `record_all`."""
    record_all([fact], actor)


def record_all(facts: Sequence[Fact], actor: Actor) -> None:
    """Hand over the events and their deliveries, and run the NOW handlers, in this transaction.

    The handlers run when all rows were handed over, in the order of the facts.
    """
    must_be_writing()
    if not facts:
        return
    _insert(facts, actor)
    now = subscriptions().now
    for fact in facts:
        for handler in now.get(type(fact), ()):
            handler(fact)


def _insert(facts: Sequence[Fact], actor: Actor) -> None:
    moment = clock.now()
    _store(EventRow, [_event(fact, actor, moment) for fact in facts])
    waiting = [delivery for fact in facts for delivery in _deliveries(fact, moment)]
    if waiting:
        _store(EventDelivery, waiting)
        queue.kick(DELIVER_JOB)


def _store(model: type[EventRow | EventDelivery], rows: Sequence[Row]) -> None:
    """Few go with the other rows of the command, many by a statement that does not grow."""
    if len(rows) <= FEW:
        writing.hand_over(model, *rows)
        return
    db.session.flush()  # what the facts tell of stands there before they do
    insert_all(model, rows)


def _event(fact: Fact, actor: Actor, moment: datetime) -> dict[str, object]:
    return {
        "id": fact.id,
        "at": moment,
        "name": fact.name,
        "topic": fact.topic,
        "organisation_id": fact.organisation_id,
        "actor_id": actor.user_id,
        "actor_role": actor.role,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "payload": fact.payload(),
    }


def _deliveries(fact: Fact, moment: datetime) -> list[dict[str, object]]:
    """One a LATER handler."""
    return [
        {"id": uuid4(), "event_id": fact.id, "handler": handler, "due_at": moment, "attempts": 0}
        for handler in subscriptions().later.get(type(fact), ())
    ]
