"""The page of a doctor's hours."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import KEEP_OWN_DOCTORS, READ_DIARIES
from clinic.core import clock, saying
from clinic.core.errors import ClinicError
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import access
from clinic.doctors import queries as doctor_queries
from clinic.doctors.keeping import queries as profiles
from clinic.organisations import queries as organisation_queries
from clinic.organisations import words as organisation_words
from clinic.organisations.errors import VisitsDepend
from clinic.schedules import lists, queries, service, words
from clinic.schedules.errors import BadWindow, WindowsOverlap
from clinic.schedules.weekly import hours
from clinic.schedules.weekly.forms import HoursForm

bp = Blueprint("schedules", __name__, url_prefix="/schedules")


@bp.get("/")
@access(*READ_DIARIES)
def index() -> Response:
    """A doctor reads their own weeks; the front desk chooses among its doctors."""
    return _page(_form())


@bp.post("/")
@access(*KEEP_OWN_DOCTORS)
def publish() -> Response:
    """Weekly hours, on each of the chosen days: all of them or none."""
    form, (_doctors, doctor_id) = _form(), _chosen()
    if doctor_id is None:
        abort(404)
    if not form.validate():
        return _page(form, 422)
    try:
        hours.publish_hours(doctor_id, form.hours, current_user.actor)
    except (BadWindow, WindowsOverlap) as error:
        return _page(form, 422, said(error))
    flash(str(words.PUBLISHED), "ok")
    return htmx.go(url_for("schedules.index", doctor=doctor_id))


@bp.post("/<uuid:schedule_id>/withdraw")
@access(*KEEP_OWN_DOCTORS)
def withdraw(schedule_id: UUID) -> Response:
    window = lists.window(schedule_id, current_user.actor)
    address = url_for("schedules.index", doctor=window.row.doctor_id)
    try:
        visits = request.form.get("visits")
        service.withdraw_window(schedule_id, current_user.actor, visits)
    except VisitsDepend as error:
        return _page(_form(), 409, doctor_id=window.row.doctor_id, ask=error)
    except ClinicError as error:
        flash(said(error), "danger")
    else:
        flash(str(words.WITHDRAWN), "ok")
    return htmx.go(address)


def _form() -> HoursForm:
    places = organisation_queries.places_of(current_user.organisation_id)
    doctor_id = _chosen()[1] if len(places) > 1 else None
    return HoursForm(places, profiles.place_said(doctor_id) if doctor_id else None)


def _chosen(wanted: UUID | None = None) -> tuple[dict[UUID, str], UUID | None]:
    """The doctors that may be chosen, and who is."""
    doctors = dict(doctor_queries.with_hours_for(current_user.actor))
    asked = wanted or request.args.get("doctor", type=UUID)
    if asked and asked not in doctors:
        abort(404)
    return doctors, asked or next(iter(doctors), None)


def _page(
    form: HoursForm,
    status: int = 200,
    problem: str | None = None,
    doctor_id: UUID | None = None,
    ask: VisitsDepend | None = None,
) -> Response:
    doctors, doctor_id = _chosen(doctor_id)
    name = doctors[doctor_id] if doctor_id else None
    page = render_template(
        "schedules/index.html",
        doctors=list(doctors.items()),
        doctor_id=doctor_id,
        doctor_name=name,
        ask=organisation_words.ask(ask, name or "") if ask else None,
        ask_url=request.path,
        without_profile=profiles.without_profile(current_user.actor),
        form=form,
        problem=problem,
        **_week_of(doctor_id),
    )
    return make_response(page, status)


def _week_of(doctor_id: UUID | None) -> dict[str, Any]:
    zone = clock.zone(organisation_queries.timezone_of(current_user.organisation_id))
    found = queries.overview(doctor_id, zone) if doctor_id else None
    return {
        "overview": words.week(found, zone) if found else None,
        "has_hours": bool(found and (found.weekly or found.dated)),
        "zone_label": saying.zone(clock.now(), zone),
        "may_plan": current_user.may(KEEP_OWN_DOCTORS),
    }
