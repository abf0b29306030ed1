"""Move a visit."""

from datetime import datetime
from uuid import UUID

from flask import flash, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from clinic.access.roles import CHANGE_VISITS
from clinic.appointments.blueprint import bp
from clinic.appointments.booking import move as rescheduling
from clinic.appointments.booking.pages import chosen_doctor, chosen_start
from clinic.appointments.booking.words import busy
from clinic.appointments.errors import (
    PatientBusy,
    SlotNotOffered,
    SlotTaken,
    StepNotPossible,
    TooManyMoves,
)
from clinic.appointments.moving import pages, words
from clinic.appointments.pages import home_url, site_for_patient
from clinic.appointments.reading import lists
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading import words as visit_words
from clinic.appointments.reading.visit import Visit
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import access


@bp.get("/<uuid:appointment_id>/reschedule")
@access(*CHANGE_VISITS)
def ask_reschedule(appointment_id: UUID) -> BaseResponse:
    """Free times, of which one takes the place of the visit's: its doctor's, or a colleague's."""
    return _move_page(visits.visit(appointment_id, current_user.actor))


def _move_page(visit: Visit, status: int = 200, problem: str | None = None) -> BaseResponse:
    at_desk = not current_user.is_patient
    url = url_for("appointments.reschedule", appointment_id=visit.id)
    page, status = pages.for_move(visit, url, at_desk, status, problem)
    return htmx.render(
        "appointments/booking/reschedule.html",
        partial="appointments/booking/_reschedule.html",
        status=status,
        visit=visit_words.shown(visit),
        back_url=home_url(visit),
        at_desk=at_desk,
        **site_for_patient(visit),
        **page,
    )


@bp.post("/<uuid:appointment_id>/reschedule")
@access(*CHANGE_VISITS)
def reschedule(appointment_id: UUID) -> BaseResponse:
    actor = current_user.actor
    before = visits.visit(appointment_id, actor)
    start, doctor_id = None, chosen_doctor()
    try:
        start = chosen_start()
        moved = rescheduling.reschedule(appointment_id, start, actor, doctor_id)
    except (SlotNotOffered, SlotTaken, PatientBusy, TooManyMoves) as error:
        visit = visits.visit(appointment_id, actor)
        is_theirs = isinstance(error, PatientBusy) and not current_user.is_patient
        why = busy(visit.patient) if is_theirs else said(error)
        return _move_page(visit, error.status, why)
    except StepNotPossible as error:
        if not error.was_moved:
            raise
        return _moved_before(before, (start, doctor_id or before.doctor_id))
    visit = visits.visit(moved.id, actor)
    flash(words.moved(visit, before), "ok")
    return htmx.go(home_url(visit))


def _moved_before(before: Visit, wanted: tuple[datetime | None, UUID]) -> BaseResponse:
    """Two taps: it has moved. Where somebody else moved it, it says whereto."""
    now = lists.successor(before.id, current_user.actor)
    if now and (now.starts_at, now.doctor_id) != wanted:
        flash(words.overtaken(now), "info")
    return htmx.go(home_url(now or before))
