"""The webhooks of an organisation, and the log of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import Visible, everything, same_organisation
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.hooks.models import BY_HAND, Webhook, WebhookAttempt, WebhookDelivery

VISIBLE = Visible(
    "webhook",
    {Role.ADMIN: same_organisation(Webhook.organisation_id), Role.SUPERADMIN: everything},
)


@dataclass(frozen=True, slots=True)
class Logged:
    """A delivery with its attempts, the oldest first."""

    delivery: WebhookDelivery
    attempts: Sequence[WebhookAttempt]


def webhook(webhook_id: UUID, actor: Actor) -> Webhook:
    """Raises NotFound, for a deleted one too."""
    found = db.session.scalar(
        sa.select(Webhook).where(
            Webhook.id == webhook_id, Webhook.deleted_at.is_(None), VISIBLE.to(actor)
        )
    )
    if found is None:
        raise NotFound
    return found


def webhooks(actor: Actor, paging: Paging) -> Page[Webhook]:
    """The oldest first."""
    query = sa.select(Webhook).where(Webhook.deleted_at.is_(None), VISIBLE.to(actor))
    found = page_of(query, Webhook.created_at, Webhook.id, paging)
    return found.of(lambda rows: [row[0] for row in rows])


def log(webhook_id: UUID, actor: Actor, paging: Paging) -> Page[Logged]:
    """What it was told or is to be told, the newest first. Raises NotFound."""
    webhook(webhook_id, actor)
    query = sa.select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    found = page_of(query, WebhookDelivery.created_at, WebhookDelivery.id, paging, descending=True)
    return found.of(lambda rows: _with_attempts([row[0] for row in rows]))


def delivery(webhook_id: UUID, delivery_id: UUID, actor: Actor) -> Logged:
    """Raises NotFound."""
    webhook(webhook_id, actor)
    found = db.session.scalar(
        sa.select(WebhookDelivery).where(
            WebhookDelivery.id == delivery_id, WebhookDelivery.webhook_id == webhook_id
        )
    )
    if found is None:
        raise NotFound
    return _with_attempts([found])[0]


def _with_attempts(found: Sequence[WebhookDelivery]) -> list[Logged]:
    attempts = db.session.scalars(
        sa.select(WebhookAttempt)
        .where(among(WebhookAttempt.delivery_id, [one.id for one in found]))
        .order_by(WebhookAttempt.at, WebhookAttempt.id)
    ).all()
    return [Logged(one, [try_ for try_ in attempts if try_.delivery_id == one.id]) for one in found]


def stopped(actor: Actor) -> int:
    """How many the system paused by itself, and nobody has looked after."""
    query = sa.select(sa.func.count()).where(
        Webhook.deleted_at.is_(None),
        Webhook.paused_at.is_not(None),
        Webhook.pause_reason != BY_HAND,
        VISIBLE.to(actor),
    )
    return db.session.scalar(query) or 0
