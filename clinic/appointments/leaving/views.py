"""The visits of doctors who left, for the desk to hand over or end, one by one."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import READ_DIARIES, RUN_VISITS
from clinic.appointments.errors import NobodyFree, StepNotPossible
from clinic.appointments.leaving import handover, queries, words
from clinic.appointments.reading import visit as visits
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import access
from clinic.patients.errors import PatientInactive

bp = Blueprint("leaving", __name__, url_prefix="/board/left")

PAGE, PART = "appointments/leaving/left.html", "appointments/leaving/_left.html"


@bp.get("/")
@access(*READ_DIARIES)
def index() -> Response:
    return htmx.render(PAGE, partial=PART, **_shown())


@bp.post("/<uuid:appointment_id>/hand-over")
@access(*RUN_VISITS)
def hand_over(appointment_id: UUID) -> Response:
    """To a colleague who is free at the same time."""
    try:
        moved = handover.hand_over_one(appointment_id, current_user.actor)
    except (NobodyFree, StepNotPossible, PatientInactive) as error:
        return htmx.render(PAGE, partial=PART, status=409, problem=said(error), **_shown())
    news = words.handed_over(visits.visit(moved, current_user.actor))
    if not htmx.is_partial():
        flash(news, "ok")
    return htmx.done(url_for("leaving.index"), partial=PART, toast=news, **_shown())


def _shown() -> dict[str, Any]:
    found = queries.left(current_user.actor)
    return {
        "lines": [words.line(one) for one in found],
        "may_act": current_user.may(RUN_VISITS),
    }
