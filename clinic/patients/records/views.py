"""Deaths that other organisations noted, for the desk to say yes or no."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import DECIDE_DEATHS
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.organisations import words as organisation_words
from clinic.organisations.errors import VisitsDepend
from clinic.patients.people import queries
from clinic.patients.records import service as records
from clinic.patients.records import words
from clinic.patients.records.words import DeathLine

bp = Blueprint("deaths", __name__, url_prefix="/patients")


@bp.get("/deaths")
@access(*DECIDE_DEATHS)
def index() -> Response:
    page, part = "patients/records/deaths.html", "patients/records/_deaths.html"
    return htmx.render(page, partial=part, lines=_lines())


@bp.post("/<uuid:patient_id>/death/confirm")
@access(*DECIDE_DEATHS)
def confirm(patient_id: UUID) -> Response:
    """What another organisation noted, or once more what this one did."""
    visits = request.form.get("visits")
    try:
        records.confirm_death(current_user.organisation_id, patient_id, current_user.actor, visits)
    except VisitsDepend as error:
        return _asked(patient_id, error)
    return _done(words.CONFIRMED)


@bp.post("/<uuid:patient_id>/death/dismiss")
@access(*DECIDE_DEATHS)
def dismiss(patient_id: UUID) -> Response:
    """It is not so: what another one noted is gone here, what this one did is taken back."""
    records.dismiss_death(current_user.organisation_id, patient_id, current_user.actor)
    return _done(words.DISMISSED)


def _done(news: str) -> Response:
    part = "patients/records/_deaths.html"
    return htmx.done(url_for("deaths.index"), partial=part, toast=news, lines=_lines())


def _asked(patient_id: UUID, error: VisitsDepend) -> Response:
    """What becomes of the visits? Nothing is noted yet."""
    lines = _lines()
    whose = next((line.name for line in lines if line.id == patient_id), "")
    page, part = "patients/records/deaths.html", "patients/records/_deaths.html"
    return htmx.render(
        page,
        partial=part,
        status=409,
        lines=lines,
        ask=organisation_words.ask(error, whose, organisation_words.OF_PATIENT),
        ask_url=url_for("deaths.confirm", patient_id=patient_id),
    )


def _lines() -> list[DeathLine]:
    found = queries.deaths_to_decide(current_user.organisation_id, current_user.actor)
    return [words.line(one) for one in found]
