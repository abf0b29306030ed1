"""Who gets what from clinic/api/messaging/messages.py."""

from tests.access.table import Scene, message
from tests.api.access.rows import Row


def nothing(_: Scene) -> dict:
    return {}


# fmt: off
ROWS = [
    #                                              nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/messages",                            "401 403 403 403 403 200 200 200 403"),
    Row("GET", "/messages/stats",                      "401 403 403 403 403 200 200 200 403"),
    Row("GET", "/messages/{message_id}",               "401 403 403 403 403 200 404 200 403",
        ids=message),
    Row("POST", "/messages/{message_id}/resend",       "401 403 403 403 403 409 404 409 403",
        ids=message, json=nothing, case="of one still queued"),
    Row("POST", "/messages/{message_id}/seen",         "401 403 403 403 403 200 404 200 403",
        ids=message),
]
