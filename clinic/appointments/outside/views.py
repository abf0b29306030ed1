"""The manage link: see, confirm, move, cancel and keep one visit without signing in."""

import contextlib
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from clinic.appointments.booking import move as rescheduling
from clinic.appointments.booking import words as booking_words
from clinic.appointments.booking.pages import chosen_doctor, chosen_start
from clinic.appointments.errors import (
    PatientBusy,
    SlotNotOffered,
    SlotTaken,
    StepNotPossible,
    TooManyMoves,
)
from clinic.appointments.moving import pages
from clinic.appointments.outside import links
from clinic.appointments.pages import calendar_answer, site_of
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading import words
from clinic.appointments.reading.visit import Visit
from clinic.appointments.steps import take as steps
from clinic.core.errors import N_, Forbidden
from clinic.core.web.problems import said
from clinic.core.web.security import is_from_elsewhere, public

bp = Blueprint("visit", __name__, url_prefix="/visit")


@bp.before_request
def refuse_elsewhere() -> None:
    """No cookie signs a holder in, so no form needs a token to match one: decision 0039."""
    if request.method == "POST" and is_from_elsewhere():
        raise Forbidden(
            N_("This came from a page of another site. Open your link, and do it there.")
        )


@bp.get("/<token>")
@public
def show(token: str) -> str:
    """Looking changes nothing: mail scanners and previews open every link."""
    return render_template("appointments/outside/visit.html", **_page(token))


def _page(token: str) -> dict[str, Any]:
    visit_id, actor = links.holder(token)
    visit = visits.visit(visit_id, actor)
    return {
        "visit": words.shown(visit),
        "token": token,
        "site": site_of(visit),
        "moved": booking_words.moved(visit) if visit.has_just_moved else None,
    }


@bp.post("/<token>/confirm")
@public
def confirm(token: str) -> BaseResponse:
    return _take(token, "confirm")


@bp.get("/<token>/cancel")
@public
def ask_cancel(token: str) -> str:
    return render_template("appointments/outside/visit_cancel.html", **_page(token))


@bp.post("/<token>/cancel")
@public
def cancel(token: str) -> BaseResponse:
    return _take(token, "cancel")


@bp.get("/<token>/reschedule")
@public
def ask_reschedule(token: str) -> BaseResponse:
    visit_id, actor = links.holder(token)
    return _move_page(token, visits.visit(visit_id, actor))


def _move_page(
    token: str, visit: Visit, status: int = 200, problem: str | None = None
) -> BaseResponse:
    url = url_for("visit.reschedule", token=token)
    shown, status = pages.for_move(visit, url, False, status, problem)
    page = render_template(
        "appointments/outside/visit_reschedule.html",
        visit=words.shown(visit),
        back_url=url_for("visit.show", token=token),
        site=site_of(visit),
        by_link=True,
        **shown,
    )
    return make_response(page, status)


@bp.post("/<token>/reschedule")
@public
def reschedule(token: str) -> BaseResponse:
    """The link goes along with the visit."""
    visit_id, actor = links.holder(token)
    try:
        with contextlib.suppress(StepNotPossible):
            rescheduling.reschedule(visit_id, chosen_start(), actor, chosen_doctor())
    except (SlotNotOffered, SlotTaken, PatientBusy, TooManyMoves) as error:
        visit = visits.visit(visit_id, actor)
        return _move_page(token, visit, error.status, said(error))
    return redirect(url_for("visit.show", token=token), code=303)


def _take(token: str, step: str) -> BaseResponse:
    """Pressed twice, or overtaken by the desk: the page says how the visit stands."""
    visit_id, actor = links.holder(token)
    with contextlib.suppress(StepNotPossible):
        steps.take(visit_id, step, actor)
    return redirect(url_for("visit.show", token=token), code=303)


@bp.get("/<token>/calendar.ics")
@public
def calendar_file(token: str) -> Response:
    visit_id, actor = links.holder(token)
    visit = visits.visit(visit_id, actor)
    return calendar_answer(visit)
