"""The log ends after a month."""

from datetime import timedelta

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db, transactional
from clinic.hooks.models import WAITING, Webhook, WebhookAttempt, WebhookDelivery

KEPT = timedelta(days=30)
BATCH = 1000


def forget_old() -> int:
    """Returns how many deliveries went."""
    total = 0
    for webhook_id in db.session.scalars(sa.select(Webhook.id)).all():
        while count := _forget_some(webhook_id):
            total += count
    return total


@transactional
def _forget_some(webhook_id: object) -> int:
    old = (
        sa.select(WebhookDelivery.id)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.created_at < clock.now() - KEPT,
            sa.or_(WebhookDelivery.status != WAITING, Webhook.deleted_at.is_not(None)),
        )
        .limit(BATCH)
    )
    ids = db.session.scalars(old).all()
    if not ids:
        return 0
    for model, column in (
        (WebhookAttempt, WebhookAttempt.delivery_id),
        (WebhookDelivery, WebhookDelivery.id),
    ):
        db.session.execute(
            sa.delete(model).where(among(column, ids)),
            execution_options={"synchronize_session": False},
        )
    return len(ids)
