"""Who gets what from clinic/api/appointments/."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.events.models import BackgroundTask
from clinic.schedules.models import Schedule
from tests.access.table import FREE, Scene
from tests.api.access.rows import Row
from tests.cast import TODAY, at

NAMED = frozenset({"name", "code"})  # superadmins read who comes, too
BEGUN = {"steps": ("accept", "check_in"), "at": "11:20"}


def visit(scene: Scene) -> dict[str, Any]:
    return {"appointment_id": scene.visit.id}


def chandra(scene: Scene) -> dict[str, Any]:
    return {"doctor_id": scene.cast.dr_chandra.doctor_id}


def task(scene: Scene) -> dict[str, Any]:
    about = sa.select(BackgroundTask.id).where(BackgroundTask.about_id == scene.visit.id)
    return {"task_id": db.session.scalars(about).first()}


def booking(patient: str | None = None) -> Callable[[Scene], dict[str, Any]]:
    def words(scene: Scene) -> dict[str, Any]:
        wanted = {
            "doctor_id": str(scene.cast.dr_chandra.doctor_id),
            "start": FREE["dr_chandra"].isoformat(),
            "reason": "A cough",
        }
        if patient:
            wanted["patient_id"] = str(scene.cast.people[patient].patient_id)
        return wanted

    return words


def in_window(scene: Scene) -> dict[str, Any]:
    wanted = sa.select(Schedule.id).where(
        Schedule.doctor_id == scene.cast.dr_chandra.doctor_id, Schedule.weekday == 1
    )
    return {"schedule_id": str(db.session.scalars(wanted).one()), "reason": "A cough"}


def tomorrow(_: Scene) -> dict[str, Any]:
    return {"start": at("10:00", TODAY + timedelta(days=1)).isoformat()}


def _steps() -> list[Row]:
    """Each step by POST and by PATCH."""
    # fmt: off
    #                 nobody asha bela chandra dev esha farid amir gita
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("accept",     "401 403 404 200 404 200 404 200 200", {"steps": ()}),
        ("confirm",    "401 200 404 200 404 200 404 200 200", {}),
        ("cancel",     "401 200 404 200 404 200 404 200 200", {}),
        ("check-in",   "401 403 404 200 404 200 404 200 200", {}),
        ("start",      "401 403 404 200 404 200 404 200 200", BEGUN),
        ("complete",   "401 403 404 200 404 403 404 403 200",
         {"steps": ("accept", "check_in", "start"), "at": "11:40"}),
        ("no-show",    "401 403 404 200 404 200 404 200 200", {"at": "11:40"}),
        ("undo",       "401 403 404 200 404 200 404 200 200", BEGUN),
        ("hand-over",  "401 403 403 404 404 404 404 404 403", {}),  # their doctor works
        ("reschedule", "401 200 404 200 404 200 404 200 200", {"json": tomorrow}),
    ]
    # fmt: on
    return [
        Row(
            method,
            f"/appointments/{{appointment_id}}/{step}",
            expected,
            ids=visit,
            readable=NAMED,
            **more,
        )
        for step, expected, more in rows
        for method in ("POST", "PATCH")
    ]  # fmt: skip


# fmt: off
ROWS = [
    #                                            nobody asha bela chandra dev esha farid amir gita
    Row("POST", "/appointments",                     "401 201 201 403 403 400 400 400 400",
        json=booking(), readable=NAMED),
    Row("POST", "/appointments",                     "401 201 404 403 403 201 404 201 201",
        json=booking("asha"), readable=NAMED, case="for Asha"),
    Row("POST", "/appointments",                     "401 201 201 403 403 400 400 400 400",
        json=in_window, readable=NAMED, case="in a window"),
    Row("GET", "/appointments",                      "401 200 200 200 200 200 200 200 200",
        readable=NAMED),
    Row("GET", "/appointments",                      "401 200 200 200 200 200 200 200 200",
        query=lambda scene: {"patient_id": scene.cast.asha.patient_id, "month": "2026-11"},
        readable=NAMED, case="of Asha"),
    Row("GET", "/doctors/me/appointments",           "401 403 403 200 200 403 403 403 403"),
    Row("GET", "/patients/me/appointments",          "401 200 200 403 403 403 403 403 403"),
    Row("GET", "/appointments/{appointment_id}",     "401 200 404 200 404 200 404 200 200",
        ids=visit, readable=NAMED),
    Row("PATCH", "/appointments/{appointment_id}",   "401 403 403 200 404 403 403 403 200",
        ids=visit, json=lambda _: {"status": "completed"}, readable=NAMED),
    Row("GET", "/appointments/stats/doctor/{doctor_id}", "401 403 403 200 404 200 404 200 200",
        ids=chandra),
    Row("GET", "/appointments/{appointment_id}/tasks", "401 200 404 200 404 200 404 200 200",
        ids=visit),
    Row("GET", "/tasks/{task_id}",                   "401 200 404 200 404 200 404 200 200",
        ids=task),
    *_steps(),
]
