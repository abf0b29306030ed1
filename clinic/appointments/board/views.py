"""The live day of a doctor or a front desk."""

from datetime import date
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from flask_login import current_user

from clinic.access.roles import READ_DIARIES
from clinic.appointments.board import day as days
from clinic.appointments.board import words
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.doctors import queries as doctor_queries

bp = Blueprint("board", __name__, url_prefix="/board")


@bp.get("/")
@access(*READ_DIARIES)
def index() -> Response:
    doctors = doctor_queries.of_organisation(current_user.organisation_id)
    doctor_id = request.args.get("doctor", type=UUID)
    if doctor_id and doctor_id not in dict(doctors):
        abort(404)
    at_desk = not current_user.is_doctor
    day = _day()
    return htmx.render(
        "appointments/board/board.html",
        partial="appointments/board/_board.html",
        board=words.board(days.day_of(current_user.actor, day, doctor_id if at_desk else None)),
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
