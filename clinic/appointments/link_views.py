"""The manage link: see, confirm, cancel and keep one visit without signing in."""

import contextlib
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from clinic.appointments import manage, steps, visits
from clinic.appointments.errors import StepNotPossible
from clinic.appointments.views import calendar_answer
from clinic.core.security import public

link_bp = Blueprint("visit", __name__, url_prefix="/visit")


@link_bp.get("/<token>")
@public
def show(token: str) -> str:
    """Looking changes nothing: mail scanners and previews open every link."""
    return render_template("appointments/visit.html", **_page(token))


def _page(token: str) -> dict[str, Any]:
    visit_id, actor = manage.holder(token)
    visit = visits.visit(visit_id, actor)
    return {"visit": visit, "token": token, "help_phone": visit.organisation_phone}


@link_bp.post("/<token>/confirm")
@public
def confirm(token: str) -> BaseResponse:
    return _take(token, "confirm")


@link_bp.get("/<token>/cancel")
@public
def ask_cancel(token: str) -> str:
    return render_template("appointments/visit_cancel.html", **_page(token))


@link_bp.post("/<token>/cancel")
@public
def cancel(token: str) -> BaseResponse:
    return _take(token, "cancel")


def _take(token: str, step: str) -> BaseResponse:
    """Pressed twice, or overtaken by the desk: the page says how the visit stands."""
    visit_id, actor = manage.holder(token)
    with contextlib.suppress(StepNotPossible):
        steps.take(visit_id, step, actor)
    return redirect(url_for("visit.show", token=token), code=303)


@link_bp.get("/<token>/calendar.ics")
@public
def calendar_file(token: str) -> Response:
    visit_id, actor = manage.holder(token)
    visit = visits.visit(visit_id, actor)
    return calendar_answer(visit)
