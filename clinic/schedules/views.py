"""The page of a doctor's hours."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask_login import current_user

from clinic.access.roles import READ_DIARIES
from clinic.core import clock, saying
from clinic.core.web.security import access
from clinic.doctors import queries as doctor_queries
from clinic.organisations import queries as organisation_queries
from clinic.schedules import queries, words

bp = Blueprint("schedules", __name__, url_prefix="/schedules")


@bp.get("/")
@access(*READ_DIARIES)
def index() -> str:
    """A doctor reads their own weeks; the front desk chooses among its doctors."""
    doctors = doctor_queries.with_hours_for(current_user.actor)
    asked = request.args.get("doctor", type=UUID)
    if asked and asked not in dict(doctors):
        abort(404)
    doctor_id = asked or (doctors[0][0] if doctors else None)
    zone = clock.zone(organisation_queries.timezone_of(current_user.organisation_id))
    return render_template(
        "schedules/index.html",
        doctors=doctors,
        doctor_id=doctor_id,
        doctor_name=dict(doctors)[doctor_id] if doctor_id else None,
        overview=words.week(queries.overview(doctor_id, zone), zone) if doctor_id else None,
        zone_label=saying.zone(clock.now(), zone),
    )
