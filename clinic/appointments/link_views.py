"""The manage link: see, confirm, cancel and keep one visit without signing in."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from clinic.appointments import manage, steps, visits
from clinic.appointments.views import calendar_answer
from clinic.core import htmx
from clinic.core.security import public

link_bp = Blueprint("visit", __name__, url_prefix="/visit")


@link_bp.get("/<token>")
@public
def show(token: str) -> BaseResponse:
    """Looking changes nothing: mail scanners and previews open every link."""
    return htmx.render(
        "appointments/visit.html", partial="appointments/_visit.html", **_page(token)
    )


def _page(token: str) -> dict[str, Any]:
    visit_id, actor = manage.holder(token)
    visit = visits.visit(visit_id, actor)
    return {"visit": visit, "token": token, "help_phone": visit.organisation_phone}


@link_bp.post("/<token>/confirm")
@public
def confirm(token: str) -> BaseResponse:
    return _take(token, "confirm", _("Thank you, you are confirmed."))


@link_bp.get("/<token>/cancel")
@public
def ask_cancel(token: str) -> BaseResponse:
    return make_response(render_template("appointments/visit_cancel.html", **_page(token)))


@link_bp.post("/<token>/cancel")
@public
def cancel(token: str) -> BaseResponse:
    return _take(token, "cancel", _("Appointment cancelled."))


def _take(token: str, step: str, toast: str) -> BaseResponse:
    visit_id, actor = manage.holder(token)
    steps.take(visit_id, step, actor)
    if not htmx.is_partial():
        return redirect(url_for("visit.show", token=token), code=303)
    return htmx.done(
        url_for("visit.show", token=token),
        partial="appointments/_visit.html",
        toast=toast,
        **_page(token),
    )


@link_bp.get("/<token>/calendar.ics")
@public
def calendar_file(token: str) -> Response:
    visit_id, actor = manage.holder(token)
    visit = visits.visit(visit_id, actor)
    return calendar_answer(visit)
