"""Events become deliveries by the clock, so that whoever books pays nothing for it.

The table of events is read from where each webhook stood. A command that commits late may leave an
event a little before that: the last minutes are looked at again, and a known one stays.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog

from clinic.core import clock
from clinic.core.data.bulk import insert_unknown
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.hooks import catalogue
from clinic.hooks.models import WAITING, Webhook, WebhookDelivery

log = structlog.get_logger()

BATCH = 500
OVERLAP = timedelta(minutes=5)  # longer than any command may take
MOVES_EVERY = timedelta(minutes=1)
OLDEST = timedelta(days=1)  # of what happened while it was paused


def collect() -> int:
    """Returns how many deliveries are new."""
    found = db.session.scalars(
        sa.select(Webhook.id).where(Webhook.deleted_at.is_(None), Webhook.paused_at.is_(None))
    ).all()
    db.session.rollback()
    total = 0
    for webhook_id in found:
        try:
            while count := _collect_for(webhook_id):
                total += count
        except Exception as error:  # one of them must never stop the others
            log.error("webhook_not_collected", webhook_id=str(webhook_id), exc_info=error)
    return total


def _collect_for(webhook_id: UUID) -> int:
    webhook = db.session.get(Webhook, webhook_id, populate_existing=True)
    if webhook is None:
        return 0
    moment = clock.now()
    rows = _happened(webhook, moment)
    db.session.rollback()
    if len(rows) == BATCH:
        return _keep(webhook_id, rows, rows[-1].at)
    if rows or moment - webhook.seen_until > MOVES_EVERY:
        _keep(webhook_id, rows, moment)
    return 0


def _happened(webhook: Webhook, moment: datetime) -> list[sa.Row]:
    """What it wants to be told of and was not, the oldest first."""
    since = max(webhook.created_at, webhook.seen_until - OVERLAP, moment - OLDEST - OVERLAP)
    told = sa.exists().where(
        WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.event_id == EventRow.id
    )
    query = (
        sa.select(EventRow.id, EventRow.at, EventRow.name, EventRow.topic, EventRow.payload)
        .where(
            EventRow.organisation_id == webhook.organisation_id,
            EventRow.at >= since,
            EventRow.name.in_(sorted(catalogue.meant_by(webhook.types))),
            ~told,
        )
        .order_by(EventRow.at, EventRow.id)
        .limit(BATCH)
    )
    return list(db.session.execute(query).all())


@transactional
def _keep(webhook_id: UUID, rows: list[sa.Row], seen_until: datetime) -> int:
    moment = clock.now()
    new = [
        {
            "id": uuid4(),
            "webhook_id": webhook_id,
            "event_id": row.id,
            "name": row.name,
            "topic": row.topic,
            "happened_at": row.at,
            "data": row.payload,
            "status": WAITING,
            "tries": 0,
            "began_at": moment,
            "due_at": moment,
            "created_at": moment,
        }
        for row in rows
    ]
    insert_unknown(WebhookDelivery, new)
    db.session.execute(
        sa.update(Webhook)
        .where(Webhook.id == webhook_id, Webhook.seen_until < seen_until)
        .values(seen_until=seen_until)
        .execution_options(synchronize_session=False)
    )
    return len(new)
