"""Webhooks: where other programs are told what happens, and the log of what they were told."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from clinic.access.roles import KEEP_WEBHOOKS
from clinic.api.bodies import left_out
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    page,
)
from clinic.core.fields import Text
from clinic.core.web.security import access
from clinic.hooks import queries, service
from clinic.hooks.catalogue import MOST_TYPES
from clinic.hooks.models import LONGEST_DESCRIPTION, LONGEST_URL, Webhook
from clinic.hooks.queries import Logged

bp = Resource("hooks", tag="Webhooks")

PATH = "/webhooks/subscriptions"
ONE = f"{PATH}/<uuid:webhook_id>"
Url = Annotated[str, Text(LONGEST_URL)]
Types = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=MOST_TYPES)]
Description = Annotated[str, Text(LONGEST_DESCRIPTION)]
WANTED: dict[str, Any] = {
    "url": "https://example.org/hooks",
    "types": ["appointment.*", "patient.registered"],
    "description": "billing",
}
WEBHOOK = {
    **WANTED,
    "id": "6a1d3b5f-7b4a-4b63-8a66-1d3b9c9a2e22",
    "organisation_id": "1c3e5a70-9b8d-4f60-8a71-2b4d6f80a1c3",
    "is_active": True,
    "pause_reason": None,
    "created_at": "2026-11-16T08:00:00Z",
    "failing_since": None,
    "last_delivered_at": "2026-11-16T09:00:00Z",
}
SECRET = {"secret": "whsec_" + "x" * 43}
ATTEMPT = {
    "at": "2026-11-16T09:00:00Z",
    "status_code": 200,
    "error": None,
    "duration_ms": 120,
    "answer": "ok",
}
DELIVERY = {
    "id": "7c2e4d6f-8a9b-4c0d-9e1f-2a3b4c5d6e7f",
    "event_id": "0b1c2d3e-4f50-4162-8374-95a6b7c8d9e0",
    "type": "appointment.created",
    "status": "delivered",
    "data": {"appointment_id": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa"},
    "happened_at": "2026-11-16T08:59:58Z",
    "created_at": "2026-11-16T08:59:59Z",
    "next_attempt_at": None,
    "settled_at": "2026-11-16T09:00:00Z",
    "attempts": [ATTEMPT],
}


class WebhookIn(In):
    url: Url = Field(description="https; the name must lead to a public address")
    types: Types = Field(description="Names of events, topics, `appointment.*` or `*`")
    description: Description = ""
    organisation_id: UUID | None = Field(None, description="For who works for all of them")

    model_config = example(WANTED)


class WebhookPatch(In):
    """What is left out stays as it is."""

    url: Url = left_out()
    types: Types = left_out()
    description: Description = left_out()
    is_active: bool = left_out(description="false pauses it, true resumes it")

    model_config = example({"is_active": False})


class WebhookOut(Out):
    id: UUID
    organisation_id: UUID
    url: str
    types: list[str]
    description: str
    is_active: bool
    pause_reason: Literal["by_hand", "failing", "gone"] | None
    created_at: datetime
    failing_since: datetime | None = Field(description="No call has worked since")
    last_delivered_at: datetime | None

    model_config = example(WEBHOOK)


class WebhookWithSecretOut(WebhookOut):
    secret: str = Field(description="Shown in this answer alone: what is sent is signed with it")

    model_config = example({**WEBHOOK, **SECRET})


class WebhookPage(PageOf[WebhookOut]):
    model_config = example({"items": [WEBHOOK], "next_cursor": None})


class WebhookAttemptOut(Out):
    at: datetime
    status_code: int | None
    error: str | None = Field(description="Why there was no answer: `too_slow`, `not_public` ...")
    duration_ms: int
    answer: str = Field(description="How it began")

    model_config = example(ATTEMPT)


class WebhookDeliveryOut(Out):
    id: UUID
    event_id: UUID = Field(description="`id` of the body and header `Webhook-Id`")
    type: str
    status: Literal["waiting", "delivered", "failed"]
    data: dict[str, Any]
    happened_at: datetime
    created_at: datetime
    next_attempt_at: datetime | None
    settled_at: datetime | None
    attempts: list[WebhookAttemptOut]

    model_config = example(DELIVERY)


class WebhookDeliveryPage(PageOf[WebhookDeliveryOut]):
    model_config = example({"items": [DELIVERY], "next_cursor": None})


@bp.get(PATH)
@access(*KEEP_WEBHOOKS)
@bp.input(PageQuery, location="query")
@bp.output(WebhookPage)
def index(query_data: PageQuery) -> dict[str, Any]:
    """The webhooks of your organisation, the oldest first."""
    found = queries.webhooks(actor(), query_data.paging)
    return page(found.of(lambda rows: [_told(one) for one in rows]))


@bp.post(PATH)
@access(*KEEP_WEBHOOKS)
@honours_key
@bp.input(WebhookIn)
@bp.output(WebhookWithSecretOut, 201)
def create(json_data: WebhookIn) -> dict[str, Any]:
    """Open a webhook. It is told of what happens from now on; `secret` is not shown again."""
    wanted = json_data.model_dump()
    webhook_id = UUID(once(lambda: service.create(actor=actor(), **wanted), json_data))
    return _with_secret(webhook_id)


@bp.get(ONE)
@access(*KEEP_WEBHOOKS)
@bp.output(WebhookOut)
def show(webhook_id: UUID) -> dict[str, Any]:
    """One webhook, without its secret."""
    return _told(queries.webhook(webhook_id, actor()))


@bp.patch(ONE)
@access(*KEEP_WEBHOOKS)
@bp.input(WebhookPatch)
@bp.output(WebhookOut)
def change(webhook_id: UUID, json_data: WebhookPatch) -> dict[str, Any]:
    """Change, pause or resume. What happened while it was paused is told for up to a day back."""
    service.update(webhook_id, json_data.model_dump(exclude_unset=True), actor())
    return _told(queries.webhook(webhook_id, actor()))


@bp.delete(ONE)
@access(*KEEP_WEBHOOKS)
@bp.doc(responses={204: "It is told nothing more"})
def delete(webhook_id: UUID) -> tuple[str, int]:
    """End a webhook. What waited for it goes nowhere."""
    service.delete(webhook_id, actor())
    return "", 204


@bp.post(f"{ONE}/rotate-secret")
@access(*KEEP_WEBHOOKS)
@bp.output(WebhookWithSecretOut)
def rotate_secret(webhook_id: UUID) -> dict[str, Any]:
    """A new secret. For a day what is sent is signed with the old one, too."""
    service.rotate_secret(webhook_id, actor())
    return _with_secret(webhook_id)


@bp.post(f"{ONE}/test")
@access(*KEEP_WEBHOOKS)
@bp.output(WebhookDeliveryOut, 202)
def send_test(webhook_id: UUID) -> dict[str, Any]:
    """Send a `webhook.test` in a moment; the deliveries tell what came of it. 409 while paused."""
    delivery_id = service.send_test(webhook_id, actor())
    return _logged(queries.delivery(webhook_id, delivery_id, actor()))


@bp.get(f"{ONE}/deliveries")
@access(*KEEP_WEBHOOKS)
@bp.input(PageQuery, location="query")
@bp.output(WebhookDeliveryPage)
def deliveries(webhook_id: UUID, query_data: PageQuery) -> dict[str, Any]:
    """What it was told and is to be told in the last 30 days, the newest first."""
    found = queries.log(webhook_id, actor(), query_data.paging)
    return page(found.of(lambda rows: [_logged(one) for one in rows]))


@bp.post(f"{ONE}/deliveries/<uuid:delivery_id>/redeliver")
@access(*KEEP_WEBHOOKS)
@bp.output(WebhookDeliveryOut, 202)
def redeliver(webhook_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    """Send it once more, by the same `event_id`. 409 while paused, or if it is about to go."""
    service.redeliver(webhook_id, delivery_id, actor())
    return _logged(queries.delivery(webhook_id, delivery_id, actor()))


def _with_secret(webhook_id: UUID) -> dict[str, Any]:
    secret = service.secret_of(webhook_id, actor())
    return {**_told(queries.webhook(webhook_id, actor())), "secret": secret}


def _told(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "organisation_id": webhook.organisation_id,
        "url": webhook.url,
        "types": webhook.types,
        "description": webhook.description,
        "is_active": webhook.paused_at is None,
        "pause_reason": webhook.pause_reason,
        "created_at": webhook.created_at,
        "failing_since": webhook.failing_since,
        "last_delivered_at": webhook.delivered_at,
    }


def _logged(found: Logged) -> dict[str, Any]:
    delivery = found.delivery
    return {
        "id": delivery.id,
        "event_id": delivery.event_id,
        "type": delivery.name,
        "status": delivery.status,
        "data": delivery.data,
        "happened_at": delivery.happened_at,
        "created_at": delivery.created_at,
        "next_attempt_at": delivery.due_at if delivery.status == "waiting" else None,
        "settled_at": delivery.settled_at,
        "attempts": found.attempts,
    }
