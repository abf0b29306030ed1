"""The outbox: carry recorded facts to their LATER handlers, each in a transaction of its own."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events.fact import Fact, UnknownFact, restored
from clinic.events.models import MOST_ATTEMPTS, EventDelivery, EventRow
from clinic.events.subscriptions import subscriptions

log = structlog.get_logger()

BATCH = 100
UNKNOWN_EVENT, UNKNOWN_HANDLER = "unknown event", "unknown handler"


class Unhandled(Exception):
    """Nobody here knows the row's event or its handler: trying again would not help."""


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
    handler = subscriptions().named(claimed.handler, type(fact))
    if handler is None:
        raise Unhandled(UNKNOWN_HANDLER)
    handler(fact)
    return True


def _load(event_id: UUID) -> Fact:
    row = db.session.execute(
        sa.select(EventRow.name, EventRow.organisation_id, EventRow.payload).where(
            EventRow.id == event_id
        )
    ).one()
    try:
        return restored(row.name, event_id, row.organisation_id, row.payload)
    except UnknownFact:
        raise Unhandled(UNKNOWN_EVENT) from None


@transactional
def _note_failure(delivery_id: UUID, error: Exception) -> None:
    delivery = db.session.get(EventDelivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.done_at:  # a worker that knows more was there meanwhile
        return
    is_hopeless = isinstance(error, Unhandled)
    delivery.attempts += 1
    delivery.error = str(error) if is_hopeless else type(error).__name__
    if is_hopeless or delivery.attempts >= MOST_ATTEMPTS:
        delivery.set_aside_at = clock.now()
    else:
        delivery.due_at = clock.now() + timedelta(seconds=5 * 4 ** (delivery.attempts - 1))


@transactional
def take_up() -> int:
    """Open again what an older worker could not know, and this release does. Returns how many.

    While a new release comes up, its web processes may record for the worker of the last one.
    """
    named = sa.tuple_(EventRow.name, EventDelivery.handler)
    known = sa.exists().where(
        EventRow.id == EventDelivery.event_id, named.in_(sorted(subscriptions().pairs()))
    )
    opened = db.session.execute(
        sa.update(EventDelivery)
        .where(
            EventDelivery.set_aside_at.is_not(None),
            EventDelivery.error.in_((UNKNOWN_EVENT, UNKNOWN_HANDLER)),
            known,
        )
        .values(set_aside_at=None, attempts=0, error=None)
    )
    return opened.rowcount  # type: ignore[attr-defined]
