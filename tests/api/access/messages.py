"""Who gets what from clinic/api/messaging/messages.py."""

from uuid import UUID

from tests.access.table import Scene, message
from tests.api.access.rows import Row


def nothing(_: Scene) -> dict:
    return {}


WORDING = "/message-templates/{template}/{channel}/{language}"
WORDS = "{organisation}: {day}, {time} {link}"


def reminder(_: Scene) -> dict:
    return {"template": "visit_reminder", "channel": "sms", "language": "en"}


def no_sender(_: Scene) -> dict:
    return {"sender_id": UUID(int=1)}


# fmt: off
ROWS = [
    #                                              nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/messages",                            "401 403 403 403 403 200 200 200 403"),
    Row("GET", "/messages/stats",                      "401 403 403 403 403 200 200 200 403"),
    Row("GET", "/messages/{message_id}",               "401 403 403 403 403 200 404 200 403",
        ids=message),
    Row("POST", "/messages/{message_id}/resend",       "401 403 403 403 403 409 404 409 403",
        ids=message, json=nothing, case="of one still queued"),
    Row("POST", "/messages/{message_id}/cancel",       "401 403 403 403 403 200 404 200 403",
        ids=message),
    Row("POST", "/messages/resend",                    "401 403 403 403 403 200 200 200 403",
        json=lambda _: {"found": {}}),
    Row("POST", "/messages/{message_id}/seen",         "401 403 403 403 403 200 404 200 403",
        ids=message),
    Row("GET", "/text-consents/words",                 "200 200 200 200 200 200 200 200 200"),
    Row("GET", "/messaging/readiness",                 "401 403 403 403 403 403 403 200 200"),
    Row("POST", "/messaging/readiness",                "401 403 403 403 403 403 403 202 202"),
    Row("POST", "/messaging/readiness/webhooks",       "401 403 403 403 403 403 403 404 404",
        json=lambda _: {"kind": "number", "sid": "PN1"}, case="of none"),
    Row("POST", "/messaging/readiness/test",           "401 403 403 403 403 403 403 202 202",
        json=lambda _: {"channel": "sms", "address": "+442079460155"}),
    Row("GET", "/message-templates",                   "401 403 403 403 403 403 403 200 403"),
    Row("GET", WORDING,                                "401 403 403 403 403 403 403 200 403",
        ids=reminder),
    Row("PUT", WORDING,                                "401 403 403 403 403 403 403 200 403",
        ids=reminder, json=lambda _: {"body": WORDS}),
    Row("POST", f"{WORDING}/preview",                  "401 403 403 403 403 403 403 200 403",
        ids=reminder, json=lambda _: {"body": WORDS}),
    Row("DELETE", WORDING,                             "401 403 403 403 403 403 403 204 403",
        ids=reminder),
    Row("GET", "/sender-identities",                   "401 403 403 403 403 403 403 200 403"),
    Row("POST", "/sender-identities",                  "401 403 403 403 403 403 403 201 403",
        json=lambda _: {"value": "+442079460142"}),
    Row("PATCH", "/sender-identities/{sender_id}",     "401 403 403 403 403 403 403 404 403",
        ids=no_sender, json=lambda _: {"rate": 2}, case="of nobody"),
    Row("DELETE", "/sender-identities/{sender_id}",    "401 403 403 403 403 403 403 404 403",
        ids=no_sender, case="of nobody"),
    Row("POST", "/sender-identities/{sender_id}/verify", "401 403 403 403 403 403 403 404 403",
        ids=no_sender, json=nothing, case="of nobody"),
    Row("POST", "/sender-identities/{sender_id}/default", "401 403 403 403 403 403 403 404 403",
        ids=no_sender, case="of nobody"),
]
