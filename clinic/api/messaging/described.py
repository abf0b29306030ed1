"""What the document says of Twilio's two posts, which no model of ours reads."""

from typing import Any

SIGNATURE = {
    "name": "X-Twilio-Signature",
    "in": "header",
    "required": True,
    "description": "Made with the account's token over the public address and the whole form",
    "schema": {"type": "string", "maxLength": 100},
}


def _text(most: int, description: str = "") -> dict[str, Any]:
    return {"type": "string", "maxLength": most, "description": description}


def _post(
    operation_id: str, summary: str, fields: dict[str, Any], answers: dict[str, Any]
) -> dict[str, Any]:
    form = {"type": "object", "properties": fields, "additionalProperties": True}
    return {
        "tags": ["Twilio"],
        "operationId": operation_id,
        "summary": summary,
        "parameters": [SIGNATURE],
        "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": answers,
    }


PATHS = {
    "/twilio/webhook": {
        "post": _post(
            "receive_text",
            "A text or WhatsApp message came in; the answer is TwiML.",
            {
                "MessageSid": _text(64, "A replay gets the same answer"),
                "From": _text(254),
                "To": _text(254),
                "Body": _text(1600),
                "MessagingServiceSid": _text(64, "Of the service that the number belongs to"),
                "OptOutType": _text(10, "STOP, START or HELP: wins over the body"),
                "ButtonPayload": _text(
                    256, "Of a tapped button, `confirm:K7P4Q`: wins over the body"
                ),
                "ButtonText": _text(40),
                "NumMedia": _text(2, "Pictures and recordings: nobody here reads them"),
            },
            {"200": {"description": "TwiML", "content": {"text/xml": {}}}},
        )
    },
    "/twilio/status": {
        "post": _post(
            "receive_delivery_status",
            "What became of a message; a status only moves forward.",
            {
                "MessageSid": _text(64),
                "MessageStatus": _text(20),
                "ErrorCode": _text(10, "The provider's, where it failed"),
            },
            {"204": {"description": "Taken, or known already"}},
        )
    },
}
REFUSALS = ("400", "403", "404", "405", "503")
