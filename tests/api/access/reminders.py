"""Who gets what from clinic/api/reminders/."""

from typing import Any

import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.reminders.models import Reminder
from tests.access.table import Scene
from tests.api.access.rows import Row


def reminder(scene: Scene) -> dict[str, Any]:
    """The one three hours before Asha's visit."""
    wanted = sa.select(Reminder.id).where(
        Reminder.appointment_id == scene.visit.id, Reminder.rule == "before_3h"
    )
    return {"reminder_id": db.session.scalars(wanted).one()}


def asha(scene: Scene) -> dict[str, Any]:
    return {"user_id": scene.cast.asha.user_id}


# fmt: off
ROWS = [
    #                                         nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/reminders",                      "401 200 200 200 200 200 200 200 200"),
    Row("GET", "/users/{user_id}/reminders",      "401 200 404 404 404 200 404 200 200", ids=asha),
    Row("GET", "/reminders/{reminder_id}",        "401 200 404 404 404 200 404 200 200",
        ids=reminder),
    Row("POST", "/reminders/{reminder_id}/cancel", "401 200 404 404 404 200 404 200 200",
        ids=reminder),
]
