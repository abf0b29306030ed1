"""The outbox: carry recorded facts to their LATER handlers, many at once, a bad one alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db, transactional
from clinic.events.fact import Fact, UnknownFact, restored
from clinic.events.models import MOST_ATTEMPTS, EventDelivery, EventRow
from clinic.events.subscriptions import subscriptions

log = structlog.get_logger()

BATCH = 500
UNKNOWN_EVENT, UNKNOWN_HANDLER = "unknown event", "unknown handler"


class Unhandled(Exception):
    """Nobody here knows the row's event or its handler: trying again would not help."""


def deliver_due(limit: int = BATCH) -> int:
    """Work off up to `limit` due deliveries, those of one kind together. Returns how many ran."""
    due = db.session.execute(
        sa.select(EventDelivery.id, EventDelivery.attempts, EventDelivery.handler, EventRow.name)
        .join(EventRow, EventRow.id == EventDelivery.event_id)
        .where(_open(), EventDelivery.due_at <= clock.now())
        .order_by(EventDelivery.due_at)
        .limit(limit)
    ).all()
    db.session.rollback()
    return sum(_deliver(ids) for ids in _batches(due))


def _batches(due: Sequence[sa.Row]) -> Iterable[list[UUID]]:
    """Of one event and one handler each, in the order of their time; what failed before, alone."""
    batches: dict[object, list[UUID]] = defaultdict(list)
    for row in due:
        batches[row.id if row.attempts else (row.name, row.handler)].append(row.id)
    return batches.values()


def _open() -> sa.ColumnElement[bool]:
    return EventDelivery.done_at.is_(None) & EventDelivery.set_aside_at.is_(None)


def _deliver(ids: list[UUID]) -> int:
    """All or none, and then each half for itself: what is bad ends up alone, and is noted."""
    try:
        return _claim_and_handle(ids)
    except Exception as error:  # one bad row must never stop the others
        if len(ids) > 1 and not isinstance(error, Unhandled):
            half = len(ids) // 2
            return _deliver(ids[:half]) + _deliver(ids[half:])
        for delivery_id in ids:
            log.warning("delivery_failed", delivery_id=str(delivery_id), exc_info=error)
            _note_failure(delivery_id, error)
        return 0


@transactional
def _claim_and_handle(ids: list[UUID]) -> int:
    # The claim and the handler's rows commit together, so a death in between changes nothing.
    # Another worker may have been faster with some, or may be at them.
    rows = db.session.execute(
        sa.select(
            EventDelivery.id,
            EventDelivery.handler,
            EventDelivery.event_id,
            EventRow.name,
            EventRow.organisation_id,
            EventRow.payload,
        )
        .join(EventRow, EventRow.id == EventDelivery.event_id)
        .where(among(EventDelivery.id, ids), _open())
        .order_by(EventDelivery.due_at)
        .with_for_update(skip_locked=True, of=EventDelivery)
    ).all()
    if not rows:
        return 0
    claim = sa.update(EventDelivery).where(among(EventDelivery.id, [row.id for row in rows]))
    db.session.execute(
        claim.values(done_at=clock.now(), error=None),
        execution_options={"synchronize_session": False},
    )
    facts = [_fact(row) for row in rows]
    handler = subscriptions().named(rows[0].handler, type(facts[0]))
    if handler is None:
        raise Unhandled(UNKNOWN_HANDLER)
    handler(facts)
    return len(rows)


def _fact(row: sa.Row) -> Fact:
    try:
        return restored(row.name, row.event_id, row.organisation_id, row.payload)
    except UnknownFact:
        raise Unhandled(UNKNOWN_EVENT) from None


@transactional
def _note_failure(delivery_id: UUID, error: Exception) -> None:
    delivery = db.session.get(EventDelivery, delivery_id, with_for_update=True)
    # A worker that knows more, or as little, was there meanwhile.
    if delivery is None or delivery.done_at or delivery.set_aside_at:
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
