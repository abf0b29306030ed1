"""What goes out, and the proof that it comes from here."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from uuid import UUID

from clinic.hooks.sending import signing

EVENT, PLACE = UUID(int=1), UUID(int=2)
AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
BODY = signing.body_of(
    EVENT, "appointment.confirmed", "appointment.updated", AT, PLACE, {"appointment_id": "3"}
)


def test_the_body():
    assert json.loads(BODY) == {
        "id": str(EVENT),
        "type": "appointment.confirmed",
        "topic": "appointment.updated",
        "at": "2026-11-16T09:00:00+00:00",
        "organisation_id": str(PLACE),
        "data": {"appointment_id": "3"},
    }


def test_the_signature_is_of_time_and_body():
    headers = signing.headers_of(EVENT, BODY, ["whsec_a"], 1700000000)
    made = hmac.new(b"whsec_a", b"1700000000." + BODY, hashlib.sha256).hexdigest()
    assert headers["Webhook-Id"] == str(EVENT)
    assert headers["Webhook-Signature"] == f"t=1700000000,v1={made}"
    assert headers["X-Signature-256"] == headers["Webhook-Signature"]
    assert headers["Content-Type"] == "application/json"


def test_while_a_secret_is_renewed_both_sign():
    first, second = (signing.signed(BODY, [one], 5) for one in ("a", "b"))
    assert signing.signed(BODY, ["b", "a"], 5) == f"{second},{first.partition(',')[2]}"
    assert len({signing.signed(BODY, ["a"], at) for at in (5, 6)}) == 2
