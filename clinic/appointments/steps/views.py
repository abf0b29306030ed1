"""A patient's own visits, and the steps of a visit, taken there or at work."""

from uuid import UUID

from flask import Response, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from clinic.access.roles import CHANGE_VISITS, RUN_VISITS, SAVE_VISITS, Role
from clinic.appointments.blueprint import bp
from clinic.appointments.life import lifecycle
from clinic.appointments.pages import (
    calendar_answer,
    desk_answer,
    home_url,
    own_visits,
    shown,
    site_for_patient,
)
from clinic.appointments.reading import visit as visits
from clinic.appointments.steps import take as steps
from clinic.appointments.steps import words
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.patients.joining import queries as joining


@bp.get("/")
@access(Role.PATIENT)
def index() -> BaseResponse:
    return htmx.render(
        "appointments/steps/index.html",
        partial="appointments/steps/_list.html",
        known_at=[] if htmx.is_partial() else joining.offered(current_user.id),
        **own_visits(),
    )


@bp.get("/<uuid:appointment_id>/calendar.ics")
@access(*SAVE_VISITS)
def calendar_file(appointment_id: UUID) -> Response:
    return calendar_answer(visits.visit(appointment_id, current_user.actor))


@bp.post("/<uuid:appointment_id>/confirm")
@access(*CHANGE_VISITS)
def confirm(appointment_id: UUID) -> BaseResponse:
    return _take(appointment_id, "confirm")


@bp.get("/<uuid:appointment_id>/cancel")
@access(*CHANGE_VISITS)
def ask_cancel(appointment_id: UUID) -> BaseResponse:
    """A cancellation is final, so it is asked for first: in a dialog, or on a page of its own."""
    visit = visits.visit(appointment_id, current_user.actor)
    return htmx.render(
        "appointments/steps/cancel.html",
        partial="appointments/steps/_cancel.html",
        visit=shown(visit),
        back_url=home_url(visit),
        at_desk=not current_user.is_patient,
        **site_for_patient(visit),
    )


@bp.post("/<uuid:appointment_id>/cancel")
@access(*CHANGE_VISITS)
def cancel(appointment_id: UUID) -> BaseResponse:
    return _take(appointment_id, "cancel")


@bp.post("/<uuid:appointment_id>/accept")
@access(*RUN_VISITS)
def accept(appointment_id: UUID) -> BaseResponse:
    return _take(appointment_id, "accept")


@bp.post("/<uuid:appointment_id>/check-in")
@access(*RUN_VISITS)
def check_in(appointment_id: UUID) -> BaseResponse:
    return _take(appointment_id, "check_in")


@bp.post("/<uuid:appointment_id>/start")
@access(*RUN_VISITS)
def start(appointment_id: UUID) -> BaseResponse:
    return _take(appointment_id, "start")


@bp.post("/<uuid:appointment_id>/complete")
@access(Role.DOCTOR)
def complete(appointment_id: UUID) -> BaseResponse:
    return _take(appointment_id, "complete")


@bp.post("/<uuid:appointment_id>/no-show")
@access(*RUN_VISITS)
def no_show(appointment_id: UUID) -> BaseResponse:
    return _take(appointment_id, "no_show")


@bp.post("/<uuid:appointment_id>/undo")
@access(*RUN_VISITS)
def undo(appointment_id: UUID) -> BaseResponse:
    """Take back what the visit stands in; `of` names the step that an old offer means."""
    actor = current_user.actor
    was = visits.visit(appointment_id, actor).status
    steps.undo(appointment_id, actor, request.args.get("of", ""))
    visit = visits.visit(appointment_id, actor)
    return desk_answer(visit, words.undone(was, visit.patient))


def _take(appointment_id: UUID, step: str) -> BaseResponse:
    """Take it, then show the patient their list and have the desk's board fetch itself."""
    actor = current_user.actor
    steps.take(appointment_id, step, actor)
    if not current_user.is_patient:
        visit = visits.visit(appointment_id, actor)
        undo_url = url_for("appointments.undo", appointment_id=visit.id, of=step)
        can_undo = f"undo_{step}" in lifecycle.STEPS
        said = words.done_at_work(step, visit.patient)
        return desk_answer(visit, said, undo_url if can_undo else None)
    return htmx.done(
        url_for("appointments.index"),
        partial="appointments/steps/_list.html",
        toast=words.done(step),
        events=("dialog-close",),
        **own_visits(),
    )
