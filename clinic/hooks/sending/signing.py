"""What a webhook is sent, and how it can tell that it comes from here."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID


def body_of(
    event_id: UUID,
    name: str,
    topic: str,
    happened_at: datetime,
    organisation_id: UUID,
    data: Mapping[str, Any],
) -> bytes:
    """Ids, and words of closed lists: whoever wants more asks the API, which knows who asks."""
    told = {
        "id": str(event_id),
        "type": name,
        "topic": topic,
        "at": happened_at.isoformat(),
        "organisation_id": str(organisation_id),
        "data": data,
    }
    return json.dumps(told, separators=(",", ":")).encode()


def headers_of(event_id: UUID, body: bytes, secrets: Sequence[str], at: int) -> dict[str, str]:
    """`at`: seconds since 1970. The id is the same at each try."""
    signature = signed(body, secrets, at)
    return {
        "Content-Type": "application/json",
        "User-Agent": "clinic-webhooks",
        "Webhook-Id": str(event_id),
        "Webhook-Signature": signature,
        "X-Signature-256": signature,
    }


def signed(body: bytes, secrets: Sequence[str], at: int) -> str:
    """`t=<at>,v1=<hex>`, with another v1 for each further secret: one that fits is enough."""
    text = str(at).encode() + b"." + body
    made = (hmac.new(one.encode(), text, hashlib.sha256).hexdigest() for one in secrets)
    return ",".join([f"t={at}", *(f"v1={one}" for one in made)])
