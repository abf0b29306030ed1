"""Who gets what from clinic/api/reminders/."""

from typing import Any

import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.reminders.keeping import steps
from clinic.reminders.models import Reminder
from tests.access.table import Scene
from tests.api.access.rows import Row
from tests.cast import at
from tests.reminders.own_helpers import made


def reminder(scene: Scene) -> dict[str, Any]:
    """The one three hours before Asha's visit."""
    wanted = sa.select(Reminder.id).where(
        Reminder.appointment_id == scene.visit.id, Reminder.rule == "before_3h"
    )
    return {"reminder_id": db.session.scalars(wanted).one()}


def asha(scene: Scene) -> dict[str, Any]:
    return {"user_id": scene.cast.asha.user_id}


def own(scene: Scene) -> dict[str, Any]:
    """One that Esha made for Asha."""
    return {"reminder_id": made(scene.cast.esha, NOON, patient_id=scene.cast.asha.patient_id)}


def paused(scene: Scene) -> dict[str, Any]:
    found = own(scene)
    steps.pause(found["reminder_id"], scene.cast.esha.actor)
    return found


def for_asha(scene: Scene) -> dict[str, Any]:
    patient_id = str(scene.cast.asha.patient_id)
    return WORDS | {"delivery_time": NOON.isoformat(), "patient_id": patient_id}


def for_all(_: Scene) -> dict[str, Any]:
    return WORDS | {"delivery_time": NOON.isoformat(), "recipients": {"everyone": True}}


NOON = at("12:00")
WORDS = {"title": "Tablets", "message": "Take one."}

# fmt: off
ROWS = [
    #                                         nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/reminders",                      "401 200 200 200 200 200 200 200 200"),
    Row("GET", "/users/{user_id}/reminders",      "401 200 404 404 404 200 404 200 200", ids=asha),
    Row("GET", "/reminders/{reminder_id}",        "401 200 404 404 404 200 404 200 200",
        ids=reminder),
    Row("POST", "/reminders/{reminder_id}/cancel", "401 200 404 404 404 200 404 200 200",
        ids=reminder),
    Row("POST", "/reminders/{reminder_id}/send-now", "401 200 404 404 404 200 404 200 200",
        ids=reminder),
    Row("POST", "/reminders/{reminder_id}/pause",  "401 409 404 404 404 409 404 409 409",
        ids=reminder, case="of a visit"),
    Row("POST", "/reminders",                      "401 201 404 201 404 201 404 201 201",
        json=for_asha),
    Row("POST", "/reminders",                      "401 403 403 403 403 201 201 201 403",
        json=for_all, case="to all"),
    Row("POST", "/reminders/preview",              "401 200 200 200 200 200 200 200 200",
        json=lambda _: WORDS),
    Row("GET", "/reminders/{reminder_id}/deliveries", "401 200 404 404 404 200 404 200 200",
        ids=own),
    Row("PUT", "/reminders/{reminder_id}",         "401 403 404 404 404 200 404 200 200",
        ids=own, json=lambda _: {"title": "Other"}),
    Row("POST", "/reminders/{reminder_id}/pause",  "401 403 404 404 404 200 404 200 200", ids=own),
    Row("POST", "/reminders/{reminder_id}/resume", "401 403 404 404 404 200 404 200 200",
        ids=paused),
    Row("POST", "/reminders/{reminder_id}/send-now", "401 403 404 404 404 200 404 200 200",
        ids=own, case="that somebody made"),
    Row("POST", "/reminders/{reminder_id}/cancel", "401 200 404 404 404 200 404 200 200",
        ids=own, case="that somebody made"),
    # Without a signature.
    Row("POST", "/webhooks/trigger_reminder",      "401 401 401 401 401 401 401 401 401",
        json=lambda scene: {"reminder_id": str(reminder(scene)["reminder_id"])}),
]
