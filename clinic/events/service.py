"""Record what happened and carry it to whoever must know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog

from clinic.access.actor import Actor
from clinic.core import clock, running
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.core.work import queue
from clinic.events.models import MOST_ATTEMPTS, EventDelivery, EventRow
from clinic.events.names import PAYLOADS, Event, topic_of

log = structlog.get_logger()

DELIVER_JOB = "clinic.events.jobs.deliver_due"
BATCH = 100


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as handlers see it."""

    id: UUID
    name: Event
    organisation_id: UUID | None
    payload: dict[str, Any]

    def uuid(self, key: str) -> UUID:
        return UUID(self.payload[key])


Handler = Callable[[Fact], None]


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Who hears of what: the switchboard's two tables, LATER by the handlers' names in rows."""

    now: dict[Event, list[Handler]]
    later: dict[Event, dict[str, Handler]]

    @classmethod
    def of(
        cls, now: Mapping[Event, list[Handler]], later: Mapping[Event, list[Handler]]
    ) -> "Subscriptions":
        by_name = {
            name: {handler_name(one): one for one in handlers} for name, handlers in later.items()
        }
        return cls({name: list(handlers) for name, handlers in now.items()}, by_name)


def _subscriptions() -> Subscriptions:
    return running.registered("subscriptions")


def handler_name(handler: Handler) -> str:
    """`appointments.on_created`: stable in rows even when a file moves inside its room."""
    return f"{handler.__module__.split('.')[1]}.{handler.__name__}"


def record(
    name: Event,
    actor: Actor,
    organisation_id: UUID | None,
    /,  # a payload may have an organisation_id as well
    request_id: str | None = None,
    **payload: Any,
) -> None:
    """Insert the event and its deliveries, and run the NOW handlers, in this transaction.

    Raises ValueError when the payload's keys are not the declared ones.
    """
    must_be_writing()
    if payload.keys() != PAYLOADS[name]:
        raise ValueError(f"{name} must carry {sorted(PAYLOADS[name])}, not {sorted(payload)}")
    fact = Fact(
        id=uuid4(),
        name=name,
        organisation_id=organisation_id,
        payload={key: _plain(value) for key, value in payload.items()},
    )
    _insert(fact, actor, request_id)
    for handler in _subscriptions().now.get(name, ()):
        handler(fact)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


def _insert(fact: Fact, actor: Actor, request_id: str | None) -> None:
    moment = clock.now()
    context = structlog.contextvars.get_contextvars()
    db.session.execute(
        sa.insert(EventRow).values(
            id=fact.id,
            at=moment,
            name=fact.name,
            topic=topic_of(fact.name),
            organisation_id=fact.organisation_id,
            actor_id=actor.user_id,
            actor_role=actor.role,
            request_id=request_id or context.get("request_id"),
            payload=fact.payload,
        )
    )
    waiting = [
        {"id": uuid4(), "event_id": fact.id, "handler": handler, "due_at": moment, "attempts": 0}
        for handler in _subscriptions().later.get(fact.name, ())
    ]
    if waiting:
        db.session.execute(sa.insert(EventDelivery), waiting)
        queue.kick(DELIVER_JOB)


def deliver_due(limit: int = BATCH) -> int:
    """Work off up to `limit` due deliveries, each in its own transaction. Returns how many ran."""
    due = db.session.scalars(
        sa.select(EventDelivery.id)
        .where(_open(), EventDelivery.due_at <= clock.now())
        .order_by(EventDelivery.due_at)
        .limit(limit)
    ).all()
    db.session.rollback()
    return sum(_deliver(delivery_id) for delivery_id in due)


def _open() -> sa.ColumnElement[bool]:
    return EventDelivery.done_at.is_(None) & EventDelivery.set_aside_at.is_(None)


def _deliver(delivery_id: UUID) -> bool:
    try:
        return _claim_and_handle(delivery_id)
    except Exception as error:  # one bad row must never stop the others
        log.warning("delivery_failed", delivery_id=str(delivery_id), exc_info=error)
        _note_failure(delivery_id, error)
        return False


@transactional
def _claim_and_handle(delivery_id: UUID) -> bool:
    # The claim and the handler's rows commit together, so a death in between changes nothing.
    claim = (
        sa.update(EventDelivery)
        .where(EventDelivery.id == delivery_id, _open())
        .values(done_at=clock.now(), error=None)
        .returning(EventDelivery.handler, EventDelivery.event_id)
    )
    claimed = db.session.execute(claim).one_or_none()
    if claimed is None:  # another worker was faster
        return False
    fact = _load(claimed.event_id)
    handler = _subscriptions().later.get(fact.name, {}).get(claimed.handler)
    if handler is not None:  # a handler that a newer version no longer has is done with
        handler(fact)
    return True


def _load(event_id: UUID) -> Fact:
    row = db.session.execute(
        sa.select(EventRow.name, EventRow.organisation_id, EventRow.payload).where(
            EventRow.id == event_id
        )
    ).one()
    return Fact(event_id, Event(row.name), row.organisation_id, row.payload)


@transactional
def _note_failure(delivery_id: UUID, error: Exception) -> None:
    delivery = db.session.get(EventDelivery, delivery_id)
    if delivery is None:
        return
    delivery.attempts += 1
    delivery.error = type(error).__name__
    if delivery.attempts >= MOST_ATTEMPTS:
        delivery.set_aside_at = clock.now()
    else:
        delivery.due_at = clock.now() + timedelta(seconds=5 * 4 ** (delivery.attempts - 1))
