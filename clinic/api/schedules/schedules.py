"""The windows in which a doctor can be booked: a doctor's own, and what everybody sees of them."""

from typing import Any
from uuid import UUID

from clinic.access.roles import Role
from clinic.api.frame import PageQuery, Resource, actor, honours_key, once
from clinic.api.schedules.time_off import my_doctor_id
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
from clinic.core.web.security import access, public
from clinic.doctors import queries as doctors
from clinic.schedules import lists, service
from clinic.schedules.service import NewWindow

bp = Resource("schedules", tag="Schedules")


@bp.get("/patients/doctors/<uuid:doctor_id>/schedules")
@public
@bp.input(PageQuery, location="query")
@bp.output(SchedulePage)
def of_doctor(doctor_id: UUID, query_data: PageQuery) -> dict[str, Any]:
    """A doctor's windows, now and to come. `doctor_id` may be that of the doctor's user."""
    profile = doctors.find_by_any_id(doctor_id)
    return in_pages(lists.windows(profile.id, query_data.paging))


@bp.get("/doctors/me/schedules")
@access(Role.DOCTOR)
@bp.input(ScheduleQuery, location="query")
@bp.output(SchedulePage)
def index(query_data: ScheduleQuery) -> dict[str, Any]:
    """Your windows, now and to come."""
    return in_pages(lists.windows(my_doctor_id(), query_data.paging, query_data.withdrawn))


@bp.post("/doctors/me/schedules")
@access(Role.DOCTOR)
@honours_key
@bp.input(ScheduleIn)
@bp.output(ScheduleOut, 201)
def publish(json_data: ScheduleIn) -> dict[str, Any]:
    """Publish a window. Windows of one doctor never overlap: 400."""
    doctor_id = my_doctor_id()
    new = NewWindow(location_id=None, **renamed(json_data))
    key = once(lambda: service.publish_window(doctor_id, new, actor()).id, json_data)
    return shown(lists.window(UUID(key), actor()))


@bp.get("/doctors/me/schedules/<uuid:schedule_id>")
@access(Role.DOCTOR)
@bp.output(ScheduleOut)
def show(schedule_id: UUID) -> dict[str, Any]:
    """One of your windows, withdrawn or not."""
    my_doctor_id()
    return shown(lists.window(schedule_id, actor()))


@bp.patch("/doctors/me/schedules/<uuid:schedule_id>")
@access(Role.DOCTOR)
@bp.input(ScheduleChanges)
@bp.input(VisitsQuery, location="query")
@bp.output(ChangedScheduleOut)
def change(
    schedule_id: UUID, json_data: ScheduleChanges, query_data: VisitsQuery
) -> dict[str, Any]:
    """Change a window. Visits that it still holds stay as they are."""
    my_doctor_id()
    return changed(schedule_id, json_data, chosen(query_data, json_data))


@bp.delete("/doctors/me/schedules/<uuid:schedule_id>")
@access(Role.DOCTOR)
@bp.input(VisitsQuery, location="query")
@bp.doc(responses={204: "Nothing more is offered"})
def withdraw(schedule_id: UUID, query_data: VisitsQuery) -> tuple[str, int]:
    """Withdraw a window."""
    my_doctor_id()
    service.withdraw_window(schedule_id, actor(), query_data.visits)
    return "", 204
