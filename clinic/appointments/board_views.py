"""The live day of a doctor or a front desk, and the steps taken from it."""

from datetime import date
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from clinic.accounts.roles import DESK, Role
from clinic.appointments import board, steps, visits
from clinic.appointments.views import bp, desk_answer, take_step
from clinic.core import htmx
from clinic.core.security import access
from clinic.doctors import queries as doctor_queries

board_bp = Blueprint("board", __name__, url_prefix="/board")

AT_WORK = (Role.STAFF, Role.DOCTOR)


@board_bp.get("/")
@access(*DESK)
def index() -> Response:
    doctors = doctor_queries.of_organisation(current_user.organisation_id)
    doctor_id = request.args.get("doctor", type=UUID)
    if doctor_id and doctor_id not in dict(doctors):
        abort(404)
    at_desk = current_user.role != Role.DOCTOR
    day = _day()
    return htmx.render(
        "appointments/board.html",
        partial="appointments/_board.html",
        board=board.board(current_user.actor, day, doctor_id if at_desk else None),
        board_url=url_for("board.index", day=day and day.isoformat(), doctor=doctor_id),
        doctors=doctors if at_desk else [],
        doctor_id=doctor_id,
    )


def _day() -> date | None:
    text = request.args.get("day")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(400)
    if not 1900 <= day.year <= 2100:
        abort(400)
    return day


@bp.post("/<uuid:appointment_id>/accept")
@access(*AT_WORK)
def accept(appointment_id: UUID) -> BaseResponse:
    return take_step(appointment_id, "accept", _("Accepted."))


@bp.post("/<uuid:appointment_id>/check-in")
@access(*AT_WORK)
def check_in(appointment_id: UUID) -> BaseResponse:
    return take_step(appointment_id, "check_in", _("Checked in."))


@bp.post("/<uuid:appointment_id>/start")
@access(*AT_WORK)
def start(appointment_id: UUID) -> BaseResponse:
    return take_step(appointment_id, "start", _("Started."))


@bp.post("/<uuid:appointment_id>/complete")
@access(Role.DOCTOR)
def complete(appointment_id: UUID) -> BaseResponse:
    return take_step(appointment_id, "complete", _("Completed."))


@bp.post("/<uuid:appointment_id>/no-show")
@access(*AT_WORK)
def no_show(appointment_id: UUID) -> BaseResponse:
    return take_step(appointment_id, "no_show", _("Marked as a no-show."))


@bp.post("/<uuid:appointment_id>/undo")
@access(*AT_WORK)
def undo(appointment_id: UUID) -> BaseResponse:
    """Take back a check-in or a no-show."""
    actor = current_user.actor
    steps.undo(appointment_id, actor)
    return desk_answer(visits.visit(appointment_id, actor), _("Undone."))
