"""A webhook of Harbour Clinic, and what came of its calls."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.hooks import service
from clinic.hooks.models import Webhook, WebhookAttempt, WebhookDelivery
from tests.cast import Cast
from tests.fakes.receiver import Receiver, Taken


def opened(cast: Cast, there: Receiver | str, types: Sequence[str] = ("appointment.*",)) -> UUID:
    url = there if isinstance(there, str) else there.url
    return service.create(url, list(types), cast.amir.actor)


def row(webhook_id: UUID) -> Webhook:
    db.session.rollback()
    return db.session.get_one(Webhook, webhook_id, populate_existing=True)


def deliveries(webhook_id: UUID) -> Sequence[WebhookDelivery]:
    db.session.rollback()
    return db.session.scalars(
        sa.select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook_id)
        .order_by(WebhookDelivery.happened_at, WebhookDelivery.id)
        .execution_options(populate_existing=True)
    ).all()


def attempts(webhook_id: UUID) -> Sequence[WebhookAttempt]:
    db.session.rollback()
    return db.session.scalars(
        sa.select(WebhookAttempt)
        .join(WebhookDelivery, WebhookDelivery.id == WebhookAttempt.delivery_id)
        .where(WebhookDelivery.webhook_id == webhook_id)
        .order_by(WebhookAttempt.at)
    ).all()


@transactional
def changed(webhook_id: UUID, **values: Any) -> None:
    db.session.execute(sa.update(Webhook).where(Webhook.id == webhook_id).values(**values))


def told(there: Receiver) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in there.taken]


def is_signed(taken: Taken, secret: str) -> bool:
    parts = [part.split("=", 1) for part in taken.headers["webhook-signature"].split(",")]
    at = next(value for key, value in parts if key == "t")
    made = hmac.new(secret.encode(), at.encode() + b"." + taken.body, hashlib.sha256).hexdigest()
    return made in [value for key, value in parts if key == "v1"]
