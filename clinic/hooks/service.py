"""Keep webhooks: open, change, pause, delete; a new secret, a test, and once more what failed."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock, running
from clinic.core.data import encryption
from clinic.core.data.db import db, one_at_a_time, transactional
from clinic.core.errors import N_, NotFound, Wrong
from clinic.core.fields import Line, read
from clinic.core.outside import addresses, urls
from clinic.core.work import queue
from clinic.events.service import record
from clinic.hooks import catalogue, queries
from clinic.hooks.errors import NotAWebhook, StillWaiting, TooManyWebhooks, WebhookIsPaused
from clinic.hooks.facts import (
    WebhookCreated,
    WebhookDeleted,
    WebhookPaused,
    WebhookResumed,
    WebhookSecretRenewed,
    WebhookUpdated,
)
from clinic.hooks.models import BY_HAND, LONGEST_DESCRIPTION, WAITING, Webhook, WebhookDelivery
from clinic.organisations.models import Organisation

DELIVER_JOB = "clinic.hooks.jobs.deliver_due"
MOST = 20  # of an organisation
OLD_SECRET_KEPT = timedelta(days=1)
_DESCRIPTION = Line(LONGEST_DESCRIPTION, least=0)


@transactional
def create(
    url: str,
    types: Sequence[str],
    actor: Actor,
    organisation_id: UUID | None = None,
    description: str = "",
) -> UUID:
    """Of the actor's own organisation unless they act everywhere, who name one.

    Raises NotAWebhook, NotFound, TooManyWebhooks.
    """
    place = _organisation(organisation_id, actor)
    one_at_a_time(f"webhooks:{place}")
    _count(place)
    moment = clock.now()
    webhook = Webhook(
        organisation_id=place,
        url=_url(url),
        types=catalogue.checked(types),
        description=read("description", _DESCRIPTION, description),
        secret=encryption.encrypt(_new_secret()),
        created_at=moment,
        seen_until=moment,
        failures=0,
    )
    db.session.add(webhook)
    db.session.flush()
    record(WebhookCreated(organisation_id=place, webhook_id=webhook.id), actor)
    return webhook.id


def secret_of(webhook_id: UUID, actor: Actor) -> str:
    """For the one answer that shows it. Raises NotFound."""
    return encryption.decrypt(queries.webhook(webhook_id, actor).secret)


@transactional
def update(webhook_id: UUID, changes: Mapping[str, Any], actor: Actor) -> None:
    """`changes`: url, types, description, is_active. Raises NotFound, NotAWebhook."""
    webhook = _held(webhook_id, actor)
    readers = {
        "url": _url,
        "types": catalogue.checked,
        "description": lambda value: read("description", _DESCRIPTION, value),
    }
    wanted = {key: readers[key](changes[key]) for key in readers if key in changes}
    if any(getattr(webhook, key) != value for key, value in wanted.items()):
        for key, value in wanted.items():
            setattr(webhook, key, value)
        record(
            WebhookUpdated(organisation_id=webhook.organisation_id, webhook_id=webhook.id), actor
        )
    if changes.get("is_active") is False:
        pause(webhook, BY_HAND, actor)
    elif changes.get("is_active"):
        _resume(webhook, actor)
    db.session.flush()


def pause(webhook: Webhook, why: str, actor: Actor) -> None:
    """Within a command that holds it. What happens meanwhile is kept for a day."""
    if webhook.paused_at is not None:
        return
    webhook.paused_at, webhook.pause_reason = clock.now(), why
    record(
        WebhookPaused(organisation_id=webhook.organisation_id, webhook_id=webhook.id, why=why),
        actor,
    )


def _resume(webhook: Webhook, actor: Actor) -> None:
    if webhook.paused_at is None:
        return
    webhook.paused_at = webhook.pause_reason = None
    webhook.failures, webhook.failing_since, webhook.held_until = 0, None, None
    record(WebhookResumed(organisation_id=webhook.organisation_id, webhook_id=webhook.id), actor)
    queue.kick(DELIVER_JOB)


@transactional
def delete(webhook_id: UUID, actor: Actor) -> None:
    """It is told nothing more; what waited goes nowhere. Raises NotFound."""
    webhook = _held(webhook_id, actor)
    webhook.deleted_at = clock.now()
    db.session.flush()
    record(WebhookDeleted(organisation_id=webhook.organisation_id, webhook_id=webhook.id), actor)


@transactional
def rotate_secret(webhook_id: UUID, actor: Actor) -> None:
    """For a day what goes out is signed by both, so that nothing is refused meanwhile.

    Raises NotFound.
    """
    webhook = _held(webhook_id, actor)
    webhook.old_secret, webhook.old_secret_until = webhook.secret, clock.now() + OLD_SECRET_KEPT
    webhook.secret = encryption.encrypt(_new_secret())
    db.session.flush()
    record(
        WebhookSecretRenewed(organisation_id=webhook.organisation_id, webhook_id=webhook.id), actor
    )


@transactional
def send_test(webhook_id: UUID, actor: Actor) -> UUID:
    """The id of the delivery. Raises NotFound, WebhookIsPaused."""
    webhook = _running(webhook_id, actor)
    moment = clock.now()
    delivery = WebhookDelivery(
        webhook_id=webhook.id,
        event_id=uuid4(),
        name=catalogue.TEST,
        topic=catalogue.TEST,
        happened_at=moment,
        data={"webhook_id": str(webhook.id)},
        status=WAITING,
        tries=0,
        began_at=moment,
        due_at=moment,
        created_at=moment,
    )
    db.session.add(delivery)
    webhook.held_until = None  # a person waits for it
    db.session.flush()
    queue.kick(DELIVER_JOB)
    return delivery.id


@transactional
def redeliver(webhook_id: UUID, delivery_id: UUID, actor: Actor) -> None:
    """Once more from the beginning, by the same id. Raises NotFound, WebhookIsPaused, StillWaiting;
    what failed and is tried again anyway is tried now.
    """
    webhook = _running(webhook_id, actor)
    delivery = queries.delivery(webhook_id, delivery_id, actor).delivery
    moment = clock.now()
    if delivery.status == WAITING and delivery.due_at <= moment and webhook.held_until is None:
        raise StillWaiting
    delivery.status, delivery.settled_at, delivery.tries = WAITING, None, 0
    delivery.began_at = delivery.due_at = moment
    webhook.held_until = None
    db.session.flush()
    queue.kick(DELIVER_JOB)


def _running(webhook_id: UUID, actor: Actor) -> Webhook:
    webhook = _held(webhook_id, actor)
    if webhook.paused_at is not None:
        raise WebhookIsPaused
    return webhook


def _held(webhook_id: UUID, actor: Actor) -> Webhook:
    found = db.session.scalar(
        sa.select(Webhook)
        .where(Webhook.id == webhook_id, Webhook.deleted_at.is_(None), queries.VISIBLE.to(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _organisation(organisation_id: UUID | None, actor: Actor) -> UUID:
    own = actor.organisation_id
    if own is not None:
        if organisation_id not in (None, own):
            raise NotFound
        return own
    if organisation_id is None:
        raise NotAWebhook.of("organisation_id", N_("Say which organisation."), "required")
    if db.session.get(Organisation, organisation_id) is None:
        raise NotFound
    return organisation_id


def _count(organisation_id: UUID) -> None:
    count = db.session.scalar(
        sa.select(sa.func.count()).where(
            Webhook.organisation_id == organisation_id, Webhook.deleted_at.is_(None)
        )
    )
    if count and count >= MOST:
        raise TooManyWebhooks


def allows_loopback() -> bool:
    """Programs on one's own machine, while one develops them."""
    return not running.settings().production


def _url(url: str) -> str:
    """Where a name leads is looked at when it is called; a written number is looked at now."""
    url = url.strip()
    try:
        place = urls.read(url, allows_loopback())
        is_number = place.host.replace(".", "").isdigit() or ":" in place.host
        is_here = allows_loopback() and addresses.is_loopback(place.host)
        if is_number and not is_here and not addresses.is_public(place.host):
            raise Wrong(urls.BAD, N_("This address cannot be reached from the internet."))
    except Wrong as wrong:
        raise NotAWebhook(wrong.words, [wrong.of("url")], **wrong.values) from None
    return url


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"
