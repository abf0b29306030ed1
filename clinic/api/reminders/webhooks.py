"""A machine has a reminder sent: signed, without a token, and harmless when it is repeated."""

import hashlib
import hmac
from typing import Any
from uuid import UUID

from flask import abort, current_app, request

from clinic.api.frame import In, Out, Resource, example
from clinic.core.web.security import public
from clinic.reminders import queries
from clinic.reminders.keeping import steps

bp = Resource("webhooks", tag="Webhooks")

TRIGGERED = {
    "reminder_id": "8f7e6d5c-4b3a-4291-8e7f-6d5c4b3a2910",
    "triggered": True,
    "status": "queued",
}


class TriggerIn(In):
    reminder_id: UUID

    model_config = example({"reminder_id": TRIGGERED["reminder_id"]})


class TriggeredOut(Out):
    reminder_id: UUID
    triggered: bool  # false for a call that was repeated
    status: str

    model_config = example(TRIGGERED)


@bp.before_request
def _believe_only_signed() -> None:
    """Over the raw body, before anybody reads it. Without a secret nobody is believed."""
    secret = current_app.config["SETTINGS"].webhook_secret
    given = request.headers.get("X-Signature", "")
    made = hmac.new(secret.encode(), request.get_data(), hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(made.encode(), given.strip().lower().encode()):
        abort(401)


@bp.post("/webhooks/trigger_reminder")
@public
@bp.input(TriggerIn)
@bp.output(TriggeredOut)
def trigger_reminder(json_data: TriggerIn) -> dict[str, Any]:
    """Send a reminder now, once. Signed by WEBHOOK_SECRET; a repeated call changes nothing."""
    was_first = steps.trigger(json_data.reminder_id)
    status = queries.status_of(json_data.reminder_id)
    return {"reminder_id": json_data.reminder_id, "triggered": was_first, "status": status}
