"""Register a person, and lead back to the booking that asked for them."""

from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import BOOK_FOR_PATIENTS, REGISTER_PATIENTS
from clinic.core.errors import Conflict, Invalid
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.security import access
from clinic.messaging.consents import words as text_words
from clinic.messaging.consents.vocabulary import Agreed
from clinic.organisations.site.queries import for_person
from clinic.patients.desk import words
from clinic.patients.desk.forms import LONGEST_QUERY, NewPersonForm
from clinic.patients.people.queries import FoundPerson
from clinic.patients.records import service as records

bp = Blueprint("registering", __name__, url_prefix="/patients")


@bp.get("/new")
@access(*REGISTER_PATIENTS)
def new() -> Response:
    """`?find=` or `?q=` is what stands in the box; `?doctor=&start=` the time to keep."""
    form = NewPersonForm(request.args, meta={"csrf": False})
    asked = request.args.get("find") or request.args.get("q", "")
    found = asked[:LONGEST_QUERY].strip()
    field = form.phone if any(one.isdigit() for one in found) else form.full_name
    field.data = field.data or ("" if "@" in found else found)
    return _new_page(form)


@bp.post("/new")
@access(*REGISTER_PATIENTS)
def register() -> Response:
    form = NewPersonForm()
    given = form.given()
    if given is None:
        return _new_page(form, 422)
    place, actor = current_user.organisation_id, current_user.actor
    try:
        alike = [] if form.anyway.data else records.known_alike(place, given, actor)
        if alike:
            return _new_page(form, 409, alike=alike)
        made = records.register(place, given, actor, _agreed(form))
    except (Invalid, Conflict) as error:
        return _new_page(form, error.status, blame(form, error))
    if not current_user.may(BOOK_FOR_PATIENTS):
        flash(str(words.REGISTERED_FOR_LATER), "ok")
        return htmx.go(url_for("people.index"))
    flash(str(words.REGISTERED), "ok")
    return htmx.go(_onward(form, made.id))


def _agreed(form: NewPersonForm) -> Agreed | None:
    """To texts, if somebody read it out to them and says so."""
    if not form.agreed.data:
        return None
    said = request.form.get(text_words.FIELD)
    site = for_person(current_user.id)
    return text_words.agreed(site, said, "desk", current_user.id)


def _onward(form: NewPersonForm, patient_id: UUID) -> str:
    """Back to the booking with the person, else to their page."""
    if form.doctor.data and form.start.data:
        chosen = {"doctor": form.doctor.data, "start": form.start.data, "patient": patient_id}
        return url_for("appointments.new", **chosen)
    return url_for("people.show", patient_id=patient_id)


def _new_page(
    form: NewPersonForm,
    status: int = 200,
    problem: str | None = None,
    alike: list[FoundPerson] | None = None,
) -> Response:
    named = alike if alike and current_user.may(BOOK_FOR_PATIENTS) else []
    return htmx.render(
        "patients/registering/new.html",
        partial="patients/registering/_new.html",
        status=status,
        form=form,
        problem=str(words.SAME_PERSON) if alike else problem,
        is_doubtful=bool(alike),
        alike=[(one, _onward(form, one.id)) for one in named],
    )
