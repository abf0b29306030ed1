"""Work done in the background for a visit: whether it is done yet."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext

from clinic.api.frame import Out, PageOf, Resource, actor, example, page
from clinic.appointments.reading import lists
from clinic.core.data.paging import Page
from clinic.core.web.security import signed_in
from clinic.events.models import BackgroundTask

bp = Resource("tasks", tag="Background tasks")

TASK = {
    "id": "3e5d7c9b-1a2b-4c3d-9e8f-7a6b5c4d3e2f",
    "kind": "accept_booking",
    "about_id": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa",
    "status": "succeeded",
    "attempts": 1,
    "error_message": None,
    "created_at": "2026-11-10T08:00:00Z",
    "started_at": "2026-11-10T08:00:01Z",
    "finished_at": "2026-11-10T08:00:02Z",
}


class TaskOut(Out):
    id: UUID
    kind: str
    about_id: UUID
    status: str
    attempts: int
    error_message: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    model_config = example(TASK)


class TaskPage(PageOf[TaskOut]):
    model_config = example({"items": [TASK], "next_cursor": None})


@bp.get("/appointments/<uuid:appointment_id>/tasks")
@signed_in
@bp.output(TaskPage)
def of_visit(appointment_id: UUID) -> dict[str, Any]:
    """The background tasks of a visit, the oldest first."""
    return page(Page([_shown(one) for one in lists.tasks_about(actor(), appointment_id)], None))


@bp.get("/tasks/<uuid:task_id>")
@signed_in
@bp.output(TaskOut)
def show(task_id: UUID) -> dict[str, Any]:
    """One background task."""
    return _shown(lists.task(actor(), task_id))


def _shown(task: BackgroundTask) -> dict[str, Any]:
    """Why it failed stands in the row as a msgid."""
    why = gettext(task.error_message) if task.error_message else None
    return {**{name: getattr(task, name) for name in TaskOut.model_fields}, "error_message": why}
