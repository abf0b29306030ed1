"""Who gets what from clinic/api/messaging/conversations.py, desk_hours.py and saved_replies.py."""

from tests.access.table import Scene, conversation, saved_reply
from tests.api.access.rows import Row


def nothing(_: Scene) -> dict:
    return {}


def words(_: Scene) -> dict:
    return {"title": "Parking", "body": "Behind the house."}


# fmt: off
ROWS = [
    #                                              nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/conversations",                       "401 403 403 403 403 200 200 200 403"),
    Row("GET", "/conversations/{conversation_id}",     "401 403 403 403 403 200 404 200 403",
        ids=conversation),
    Row("POST", "/conversations/{conversation_id}/reply", "401 403 403 403 403 201 404 201 403",
        ids=conversation, json=lambda _: {"text": "Of course."}),
    Row("POST", "/conversations/{conversation_id}/attach", "401 403 403 403 403 200 404 200 403",
        ids=conversation, json=lambda _: {"patient_id": None}),
    Row("POST", "/conversations/{conversation_id}/claim", "401 403 403 403 403 200 404 200 403",
        ids=conversation),
    Row("POST", "/conversations/{conversation_id}/release", "401 403 403 403 403 200 404 200 403",
        ids=conversation),
    Row("POST", "/conversations/{conversation_id}/close", "401 403 403 403 403 200 404 200 403",
        ids=conversation),
    Row("POST", "/conversations/{conversation_id}/reopen", "401 403 403 403 403 200 404 200 403",
        ids=conversation),
    Row("POST", "/conversations/{conversation_id}/read", "401 403 403 403 403 200 404 200 403",
        ids=conversation),
    Row("GET", "/saved-replies",                       "401 403 403 403 403 200 200 200 403"),
    Row("POST", "/saved-replies",                      "401 403 403 403 403 201 201 201 403",
        json=words),
    Row("GET", "/saved-replies/{reply_id}",            "401 403 403 403 403 200 404 200 403",
        ids=saved_reply),
    Row("PUT", "/saved-replies/{reply_id}",            "401 403 403 403 403 200 404 200 403",
        ids=saved_reply, json=words),
    Row("GET", "/desk-hours",                          "401 403 403 403 403 403 403 200 403"),
    Row("PUT", "/desk-hours",                          "401 403 403 403 403 403 403 200 403",
        json=lambda _: {"is_on": False, "days": []}),
    Row("DELETE", "/saved-replies/{reply_id}",         "401 403 403 403 403 204 404 204 403",
        ids=saved_reply),
]
