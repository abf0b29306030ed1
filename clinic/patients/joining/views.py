"""The desk makes one of two records; a patient finds what a clinic noted before they signed up."""

from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import JOIN_RECORDS, Role
from clinic.core.errors import Conflict, TooMany
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.problems import said
from clinic.core.web.security import access
from clinic.organisations import queries as organisations
from clinic.patients.errors import NobodyNoted
from clinic.patients.joining import queries, service, words
from clinic.patients.joining.forms import BornForm
from clinic.patients.people.typed import day_in

bp = Blueprint("joining", __name__)


@bp.get("/patients/<uuid:patient_id>/join/<uuid:other_id>")
@access(*JOIN_RECORDS)
def ask(patient_id: UUID, other_id: UUID) -> Response:
    """It cannot be taken back, so it is asked for first."""
    return _question(patient_id, other_id)


@bp.post("/patients/<uuid:patient_id>/join/<uuid:other_id>")
@access(*JOIN_RECORDS)
def join(patient_id: UUID, other_id: UUID) -> Response:
    place, actor = current_user.organisation_id, current_user.actor
    if (stays := _sent_before(patient_id, other_id)) is None:
        try:
            stays = service.join(place, patient_id, other_id, actor)
        except Conflict as error:
            return _question(patient_id, other_id, error.status, said(error))
        flash(str(words.JOINED), "ok")
    return htmx.go(url_for("people.show", patient_id=stays))


def _sent_before(*ids: UUID) -> UUID | None:
    """Two taps at once, or Back: it is done."""
    place = current_user.organisation_id
    return next((found for one in ids if (found := queries.stands_for(one, place))), None)


def _question(
    patient_id: UUID, other_id: UUID, status: int = 200, problem: str | None = None
) -> Response:
    stays = _sent_before(patient_id, other_id)
    if stays:
        return htmx.go(url_for("people.show", patient_id=stays))
    pair = queries.pair(current_user.organisation_id, patient_id, other_id)
    page = render_template(
        "patients/joining/join.html",
        pair=pair,
        stays=queries.order_of(pair)[0],
        agrees=words.agreeing(pair.agrees),
        problem=problem,
        url=url_for("joining.join", patient_id=patient_id, other_id=other_id),
        back_url=url_for("people.show", patient_id=patient_id),
    )
    return make_response(page, status)


@bp.get("/me/record")
@access(Role.PATIENT)
def record() -> Response:
    return _record_page(BornForm(formdata=None))


@bp.post("/me/record")
@access(Role.PATIENT)
def claim() -> Response:
    form = BornForm()
    if not form.validate():
        return _record_page(form, 422)
    born = day_in(form.date_of_birth.data or "", organisations.default_country())
    if born is None:
        form.date_of_birth.errors = [words.NOT_A_DAY]
        return _record_page(form, 422)
    try:
        where = service.claim(current_user.id, born, current_user.actor)
    except NobodyNoted as error:
        return _record_page(form, 422, blame(form, error))
    except TooMany as error:
        return _record_page(form, error.status, said(error))
    flash(words.yours(where), "ok" if where else "warning")
    return htmx.go(url_for("appointments.index"))


def _record_page(form: BornForm, status: int = 200, problem: str | None = None) -> Response:
    """Nothing to ask where no clinic knows anybody who may be the person."""
    where = queries.offered(current_user.id)
    if not where:
        return htmx.go(url_for("appointments.index"))
    page = render_template(
        "patients/joining/record.html", form=form, problem=problem, known=words.known_at(where)
    )
    return make_response(page, status)
