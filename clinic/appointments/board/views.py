"""The live day of a doctor or a front desk."""

from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask_login import current_user

from clinic.access.roles import READ_DIARIES
from clinic.appointments.board import day as days
from clinic.appointments.board import waiting as waits
from clinic.appointments.board import words
from clinic.core import clock, saying
from clinic.core.web import htmx
from clinic.core.web.security import access

FINISHED_COOKIE = "finished"  # a choice of this browser: whether what is over is shown

bp = Blueprint("board", __name__, url_prefix="/board")


@bp.get("/")
@access(*READ_DIARIES)
def index() -> Response:
    doctors = days.doctors_at(current_user.organisation_id)
    doctor_id = request.args.get("doctor", type=UUID)
    names: dict[UUID | None, str] = dict(doctors)
    if doctor_id and doctor_id not in names:
        abort(404)
    at_desk = not current_user.is_doctor
    show = request.args.get("show", "")
    show = show if show in days.FILTERS or show == days.REQUESTS else ""
    day = days.day_of(current_user.actor, _day(), doctor_id if at_desk else None, show)
    shows_finished = request.args.get("finished") or request.cookies.get(FINISHED_COOKIE)
    answer = htmx.render(
        "appointments/board/board.html",
        partial="appointments/board/_board.html",
        board=words.board(day),
        waits_now=words.waits(day.waiting),
        is_part=htmx.is_partial(),
        # Today's goes on into tomorrow: its address names no day.
        day=None if day.day == day.today else day.day.isoformat(),
        tomorrow=(day.today + timedelta(days=1)).isoformat(),
        doctors=doctors if at_desk else [],
        doctor_id=doctor_id,
        doctor_name=names.get(doctor_id) if at_desk else current_user.full_name,
        hides_finished=shows_finished != "show",
    )
    if request.args.get("finished") in ("show", "hide"):
        answer.set_cookie(
            FINISHED_COOKIE,
            request.args["finished"],
            path=url_for("board.index"),
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return answer


@bp.get("/waiting")
@access(*READ_DIARIES)
def waiting() -> Response:
    """The counts of the navigation, for a page that heard a ring; on boards the strip, too."""
    actor = current_user.actor
    zone = days.zone_of(actor) if "strip" in request.args else None
    found = waits.waiting(actor, zone) if zone else waits.counts(actor)
    tomorrow = (clock.today(zone) + timedelta(days=1)).isoformat() if zone else None
    return htmx.part(
        (saying.language_tag(), tomorrow, found),
        lambda: render_template(
            "appointments/board/_counts.html",
            waits_now=words.waits(found),
            tasks=words.tasks(found) if isinstance(found, waits.Waiting) else None,
            tomorrow=tomorrow,
        ),
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
