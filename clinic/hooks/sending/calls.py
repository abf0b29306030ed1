"""Claim what is due, call, and note what came of it.

A webhook is called by one worker at a time, one call after the other; several webhooks at once. A
run begins no call after a second, and a call takes five: whoever hangs costs a run six seconds, and
then waits its turn, while the others go on.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from clinic.core import clock
from clinic.core.data import encryption
from clinic.core.data.db import db, transactional
from clinic.core.outside.fetch import Answer, Call, Failed, Limits, fetch
from clinic.hooks import service
from clinic.hooks.models import FAILED, WAITING, Webhook, WebhookDelivery
from clinic.hooks.sending import settle, signing
from clinic.hooks.sending.settle import Tried

log = structlog.get_logger()

AT_ONCE = 16  # webhooks
MOST_CALLS = 50  # of one webhook in a run
LEASE = timedelta(seconds=60)
BEGIN_S = 1.0
SECONDS = 5.0  # of one call
UNREADABLE_SECRET = "no_secret"  # noqa: S105 - the name of an error


@dataclass(frozen=True, slots=True)
class Errand:
    """One delivery, ready to go."""

    delivery_id: UUID
    event_id: UUID
    body: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    webhook_id: UUID
    url: str
    secrets: tuple[str, ...]
    errands: tuple[Errand, ...]


def call_due() -> int:
    """Returns how many calls were made."""
    batches = [batch for batch in map(_claim, _due()) if batch]
    if not batches:
        return 0
    limits = Limits(SECONDS, allows_loopback=service.allows_loopback())
    ends = time.monotonic() + BEGIN_S
    with ThreadPoolExecutor(len(batches), "webhook") as pool:
        done = list(pool.map(lambda batch: _call_all(batch, limits, ends), batches))
    for batch, tried in zip(batches, done, strict=True):
        settle.settle(batch.webhook_id, tried)
    return sum(map(len, done))


def _due() -> Sequence[UUID]:
    """Webhooks that may be called and have something to be told, the longest waiting first."""
    moment = clock.now()
    first = sa.func.min(WebhookDelivery.due_at)
    query = (
        sa.select(Webhook.id)
        .join(WebhookDelivery, WebhookDelivery.webhook_id == Webhook.id)
        .where(
            *_may_be_called(moment),
            WebhookDelivery.status == WAITING,
            WebhookDelivery.due_at <= moment,
        )
        .group_by(Webhook.id)
        .order_by(first)
        .limit(AT_ONCE)
    )
    found = db.session.scalars(query).all()
    db.session.rollback()
    return found


def _may_be_called(moment: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Webhook.deleted_at.is_(None),
        Webhook.paused_at.is_(None),
        sa.or_(Webhook.held_until.is_(None), Webhook.held_until <= moment),
        sa.or_(Webhook.leased_until.is_(None), Webhook.leased_until <= moment),
    )


@transactional
def _claim(webhook_id: UUID) -> Batch | None:
    """None where another worker was faster, or nothing is left."""
    moment = clock.now()
    webhook = db.session.scalar(
        sa.select(Webhook)
        .where(Webhook.id == webhook_id, *_may_be_called(moment))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if webhook is None:
        return None
    _give_up(webhook_id, moment)
    waiting = db.session.scalars(
        sa.select(WebhookDelivery)
        .where(
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.status == WAITING,
            WebhookDelivery.due_at <= moment,
        )
        .order_by(WebhookDelivery.due_at, WebhookDelivery.happened_at, WebhookDelivery.id)
        .limit(MOST_CALLS)
        .execution_options(populate_existing=True)
    ).all()
    if not waiting:
        return None
    webhook.leased_until = moment + LEASE
    db.session.flush()
    errands = tuple(_errand(one, webhook.organisation_id) for one in waiting)
    return Batch(webhook_id, webhook.url, _secrets(webhook, moment), errands)


def _give_up(webhook_id: UUID, moment: datetime) -> None:
    """What waited for longer than anything is tried: the webhook was paused, or others failed."""
    db.session.execute(
        sa.update(WebhookDelivery)
        .where(
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.status == WAITING,
            WebhookDelivery.began_at <= moment - settle.LONGEST,
        )
        .values(status=FAILED, settled_at=moment)
        .execution_options(synchronize_session=False)
    )


def _errand(delivery: WebhookDelivery, organisation_id: UUID) -> Errand:
    body = signing.body_of(
        delivery.event_id,
        delivery.name,
        delivery.topic,
        delivery.happened_at,
        organisation_id,
        delivery.data,
    )
    return Errand(delivery.id, delivery.event_id, body)


def _secrets(webhook: Webhook, moment: datetime) -> tuple[str, ...]:
    """None where they were encrypted with a key that is set no more."""
    kept = [webhook.secret]
    if webhook.old_secret and webhook.old_secret_until and webhook.old_secret_until > moment:
        kept.append(webhook.old_secret)
    try:
        return tuple(encryption.decrypt(one) for one in kept)
    except encryption.Undecipherable:
        log.error("webhook_secret_unreadable", webhook_id=str(webhook.id))
        return ()


def _call_all(batch: Batch, limits: Limits, ends: float) -> list[Tried]:
    """Until one fails, or no call may begin any more: the rest stays due."""
    tried: list[Tried] = []
    for errand in batch.errands:
        if tried and time.monotonic() >= ends:
            break
        tried.append(_call(batch, errand, limits))
        if not tried[-1].worked:
            break
    return tried


def _call(batch: Batch, errand: Errand, limits: Limits) -> Tried:
    began, moment = time.monotonic(), clock.now()
    answer: Answer | None = None
    error: str | None = None
    if not batch.secrets:
        return Tried(errand.delivery_id, moment, None, UNREADABLE_SECRET, 0, "")
    headers = signing.headers_of(
        errand.event_id, errand.body, batch.secrets, int(moment.timestamp())
    )
    try:
        answer = fetch(Call(batch.url, "POST", errand.body, headers), limits)
    except Failed as failed:
        error = failed.code
    duration_ms = int((time.monotonic() - began) * 1000)
    status = answer.status if answer else None
    body = answer.body if answer else b""
    return Tried(errand.delivery_id, moment, status, error, duration_ms, settle.readable(body))
