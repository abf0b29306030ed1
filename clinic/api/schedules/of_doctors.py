"""The windows of a doctor, kept by the doctor or by who runs the clinic."""

from typing import Any
from uuid import UUID

from clinic.access.roles import KEEP_DOCTORS
from clinic.api.frame import Resource, actor, honours_key, once
from clinic.api.schedules.windows import (
    ChangedScheduleOut,
    ScheduleChanges,
    ScheduleIn,
    ScheduleOut,
    SchedulePage,
    ScheduleQuery,
    changed,
    in_pages,
    renamed,
    shown,
)
from clinic.api.visits import VisitsQuery, chosen
from clinic.core.errors import NotFound
from clinic.core.web.security import access
from clinic.doctors.keeping import queries as keeping
from clinic.schedules import lists, service
from clinic.schedules.lists import ListedWindow
from clinic.schedules.service import NewWindow

bp = Resource("schedules_of_doctors", tag="Schedules")


@bp.get("/doctors/<uuid:doctor_id>/schedules")
@access(*KEEP_DOCTORS)
@bp.input(ScheduleQuery, location="query")
@bp.output(SchedulePage)
def index_of(doctor_id: UUID, query_data: ScheduleQuery) -> dict[str, Any]:
    """A doctor's windows, for the doctor or who runs the clinic."""
    keeping.refuse_hours_of_others(doctor_id, actor())
    return in_pages(lists.windows(doctor_id, query_data.paging, query_data.withdrawn))


@bp.post("/doctors/<uuid:doctor_id>/schedules")
@access(*KEEP_DOCTORS)
@honours_key
@bp.input(ScheduleIn)
@bp.output(ScheduleOut, 201)
def publish_for(doctor_id: UUID, json_data: ScheduleIn) -> dict[str, Any]:
    """Publish a window of a doctor."""
    keeping.refuse_hours_of_others(doctor_id, actor())
    new = NewWindow(location_id=None, **renamed(json_data))
    key = once(lambda: service.publish_window(doctor_id, new, actor()).id, json_data)
    return shown(_window_of(doctor_id, UUID(key)))


@bp.get("/doctors/<uuid:doctor_id>/schedules/<uuid:schedule_id>")
@access(*KEEP_DOCTORS)
@bp.output(ScheduleOut)
def show_of(doctor_id: UUID, schedule_id: UUID) -> dict[str, Any]:
    """One window of a doctor, withdrawn or not."""
    return shown(_window_of(doctor_id, schedule_id))


@bp.patch("/doctors/<uuid:doctor_id>/schedules/<uuid:schedule_id>")
@access(*KEEP_DOCTORS)
@bp.input(ScheduleChanges)
@bp.input(VisitsQuery, location="query")
@bp.output(ChangedScheduleOut)
def change_of(
    doctor_id: UUID, schedule_id: UUID, json_data: ScheduleChanges, query_data: VisitsQuery
) -> dict[str, Any]:
    """Change a window of a doctor. Visits that it still holds stay as they are."""
    _window_of(doctor_id, schedule_id)
    return changed(schedule_id, json_data, chosen(query_data, json_data))


@bp.delete("/doctors/<uuid:doctor_id>/schedules/<uuid:schedule_id>")
@access(*KEEP_DOCTORS)
@bp.input(VisitsQuery, location="query")
@bp.doc(responses={204: "Nothing more is offered"})
def withdraw_of(doctor_id: UUID, schedule_id: UUID, query_data: VisitsQuery) -> tuple[str, int]:
    """Withdraw a window of a doctor."""
    _window_of(doctor_id, schedule_id)
    service.withdraw_window(schedule_id, actor(), query_data.visits)
    return "", 204


def _window_of(doctor_id: UUID, schedule_id: UUID) -> ListedWindow:
    """Raises NotFound, also for a window of another doctor."""
    found = lists.window(schedule_id, actor())
    if found.row.doctor_id != doctor_id:
        raise NotFound
    return found
