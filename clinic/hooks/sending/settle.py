"""What came of calls: told, again later, given up; and a webhook that does nothing but fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.text import UNSTORABLE
from clinic.hooks import service
from clinic.hooks.models import (
    DELIVERED,
    FAILED,
    FAILING,
    GONE,
    LONGEST_ANSWER,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from clinic.hooks.sending import notice

_M = timedelta(minutes=1)
WAITS = (1 * _M, 5 * _M, 15 * _M, 60 * _M, 360 * _M)  # before a delivery is tried again; then the
LONGEST = timedelta(days=1)  # last of them again, until so long after it was begun with
HOLDS = (1 * _M, 5 * _M, 15 * _M)  # before anything is tried again at a webhook that failed
SLOW_MS, REST = 2000, timedelta(seconds=30)  # of one that answers slowly, so that it is no burden
PAUSED_AFTER, FAILURES = timedelta(days=1), 5  # without a single success
GONE_STATUS = 410  # "do not call here again"


@dataclass(frozen=True, slots=True)
class Tried:
    delivery_id: UUID
    at: datetime
    status: int | None
    error: str | None
    duration_ms: int
    answer: str

    @property
    def worked(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def readable(body: bytes) -> str:
    """How an answer begins, as it can be stored."""
    text = UNSTORABLE.sub(
        "\N{REPLACEMENT CHARACTER}", body[: 4 * LONGEST_ANSWER].decode("utf-8", "replace")
    )
    return text[:LONGEST_ANSWER]


def wait_before(tries: int, began_at: datetime, moment: datetime) -> timedelta | None:
    """How long after so many tries; None where it would be later than anybody wants it."""
    wait = WAITS[min(tries, len(WAITS)) - 1]
    return wait if moment + wait <= began_at + LONGEST else None


@transactional
def settle(webhook_id: UUID, tried: Sequence[Tried]) -> None:
    webhook = db.session.get_one(Webhook, webhook_id, with_for_update=True, populate_existing=True)
    webhook.leased_until = None
    for one in tried:
        _note(one)
        _judge(webhook, one)
    db.session.flush()


def _note(one: Tried) -> None:
    db.session.add(
        WebhookAttempt(
            delivery_id=one.delivery_id,
            at=one.at,
            status_code=one.status,
            error=one.error,
            duration_ms=one.duration_ms,
            answer=one.answer,
        )
    )
    delivery = db.session.scalars(
        sa.select(WebhookDelivery)
        .where(WebhookDelivery.id == one.delivery_id)
        .execution_options(populate_existing=True)
    ).one()
    moment = clock.now()
    delivery.tries += 1
    wait = None if one.worked else wait_before(delivery.tries, delivery.began_at, moment)
    if wait:
        delivery.due_at = moment + wait
        return
    delivery.status, delivery.settled_at = (DELIVERED if one.worked else FAILED), moment


def _judge(webhook: Webhook, one: Tried) -> None:
    moment = clock.now()
    if one.worked:
        webhook.failures, webhook.failing_since, webhook.delivered_at = 0, None, moment
        webhook.held_until = moment + REST if one.duration_ms > SLOW_MS else None
        return
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or moment
    webhook.held_until = moment + HOLDS[min(webhook.failures, len(HOLDS)) - 1]
    if one.status == GONE_STATUS:
        _stop(webhook, GONE)
    elif webhook.failures >= FAILURES and moment - webhook.failing_since >= PAUSED_AFTER:
        _stop(webhook, FAILING)


def _stop(webhook: Webhook, why: str) -> None:
    if webhook.paused_at or webhook.deleted_at:
        return
    service.pause(webhook, why, THE_SYSTEM)
    notice.tell_admins(webhook)
