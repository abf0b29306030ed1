"""Find a patient, read their page and correct it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import (
    BOOK_FOR_PATIENTS,
    BOOK_ON_PAGES,
    CHANGE_VISITS,
    READ_MESSAGES,
    READ_PATIENTS,
    REGISTER_PATIENTS,
    REMIND_MANY,
)
from clinic.appointments.reading import people as visits
from clinic.appointments.reading import words as visit_words
from clinic.appointments.reading.visit import Visit
from clinic.appointments.vocabulary import Status
from clinic.core.data.paging import Paging
from clinic.core.errors import Conflict, Invalid, NotFound
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.security import access
from clinic.patients.desk import queries as texting
from clinic.patients.desk import words
from clinic.patients.desk.forms import LONGEST_QUERY, EditPersonForm, written
from clinic.patients.joining import queries as joining
from clinic.patients.joining import words as joining_words
from clinic.patients.people import queries
from clinic.patients.people.queries import MOST_FOUND, Record
from clinic.patients.people.typed import FEWEST_LETTERS
from clinic.patients.records import service as records

PEOPLE = "patients/desk/_people.html"

bp = Blueprint("people", __name__, url_prefix="/patients")


@dataclass(frozen=True, slots=True)
class Line:
    """A person in a list, and the visit that a caller asks about."""

    person: Record
    state: str
    visit: visit_words.Shown | None
    may_book: bool
    may_change: bool


@bp.get("/")
@access(*READ_PATIENTS)
def index() -> Response:
    """`?q=` as people say it; `?top=` for the list below the field that is on every page."""
    text = request.args.get("q", "")[:LONGEST_QUERY].strip()
    is_asked = len(text) >= FEWEST_LETTERS
    cursor = request.args.get("cursor")
    lines, more, total = _found(text, cursor) if is_asked else ([], None, 0)
    return htmx.render(
        "patients/desk/index.html",
        partial="patients/desk/_top.html" if request.args.get("top") else PEOPLE,
        is_part=htmx.is_partial(),
        q=text,
        lines=lines,
        said=words.how_many(len(lines), total, is_asked, bool(cursor)),
        more_url=url_for("people.index", q=text, cursor=more) if more else None,
        may_register=current_user.may(REGISTER_PATIENTS),
    )


def _found(text: str, cursor: str | None) -> tuple[list[Line], str | None, int]:
    place, actor = current_user.organisation_id, current_user.actor
    page = queries.page(place, actor, Paging(MOST_FOUND, cursor), text)
    is_all = page.next_cursor is None and cursor is None
    total = len(page.items) if is_all else queries.count(place, actor, text)
    return _lines(page.items, text), page.next_cursor, total


def _lines(people: list[Record], text: str) -> list[Line]:
    coming = visits.next_of([one.id for one in people], current_user.actor)
    meant = visits.of_code(text.upper(), current_user.actor) if people and " " not in text else None
    if meant:
        coming[meant.patient_id] = meant
    return [_line(one, coming.get(one.id)) for one in people]


def _line(person: Record, visit: Visit | None) -> Line:
    state = words.state(person.is_active, person.died_on is not None)
    return Line(
        person=person,
        state=state,
        visit=visit_words.shown(visit) if visit else None,
        may_book=not state and current_user.may(BOOK_FOR_PATIENTS & BOOK_ON_PAGES),
        may_change=current_user.may(CHANGE_VISITS),
    )


@bp.get("/<uuid:patient_id>")
@access(*READ_PATIENTS)
def show(patient_id: UUID) -> Response:
    return _page(patient_id, None)


def _page(
    patient_id: UUID, form: EditPersonForm | None, status: int = 200, problem: str | None = None
) -> Response:
    try:
        person = queries.one(current_user.actor, patient_id)
    except NotFound:
        return _led_on(patient_id)
    theirs = visits.of_person(patient_id, current_user.actor)
    may_edit = current_user.may(REGISTER_PATIENTS)
    return htmx.render(
        "patients/desk/show.html",
        partial="patients/desk/_show.html",
        status=status,
        line=_line(person, None),
        pairs=[
            (pair, joining_words.agreeing(pair.agrees))
            for pair in joining.seen_by(current_user.actor, patient_id)
        ],
        coming=_shown(theirs.coming),
        past=_shown(theirs.past),
        form=(form or _edit_form(person)) if may_edit else None,
        problem=problem,
        messages_url=_messages_url(person),
        remind_url=_remind_url(person),
        **_stopped(person),
    )


def _stopped(person: Record) -> dict[str, Any]:
    found = texting.stopped(person)
    if found is None:
        return {"stopped": []}
    return {
        "stopped": words.stop_lines(found),
        "instead": words.instead(found),
        "may_clear": current_user.may(REGISTER_PATIENTS),
    }


def _led_on(patient_id: UUID) -> Response:
    """A page that was open while its record was joined with another one. Raises NotFound."""
    stays = joining.stands_for(patient_id, current_user.organisation_id)
    if stays is None:
        raise NotFound
    return htmx.go(url_for("people.show", patient_id=stays))


def _shown(found: Iterable[Visit]) -> list[visit_words.Shown]:
    return [_at_desk(one) for one in found]


def _at_desk(visit: Visit) -> visit_words.Shown:
    """Patients are asked to confirm; at work one reads that they have not."""
    shown = visit_words.shown(visit)
    if shown.status != Status.SCHEDULED:
        return shown
    return replace(shown, status_text=str(words.NOT_CONFIRMED))


def _messages_url(person: Record) -> str | None:
    address = person.phone or person.email
    if not address or not current_user.may(READ_MESSAGES):
        return None
    return url_for("messaging.index", address=address)


def _remind_url(person: Record) -> str | None:
    is_spoken_to = person.is_active and not person.died_on
    if not is_spoken_to or not current_user.may(REMIND_MANY):
        return None
    return url_for("reminders.new", patient=person.id)


def _edit_form(person: Record) -> EditPersonForm:
    return EditPersonForm(
        formdata=None,
        full_name=person.full_name,
        date_of_birth=written(person.date_of_birth),
        phone=person.noted_phone,
        email=person.noted_email,
        channel=person.channel,
    )


@bp.post("/<uuid:patient_id>")
@access(*REGISTER_PATIENTS)
def save(patient_id: UUID) -> Response:
    try:
        queries.one(current_user.actor, patient_id)  # or they are nobody of the reader's
    except NotFound:
        return _led_on(patient_id)
    form = EditPersonForm()
    given = form.given()
    if given is None:
        return _page(patient_id, form, 422)
    try:
        records.update(current_user.organisation_id, patient_id, given, current_user.actor)
    except (Invalid, Conflict) as error:
        return _page(patient_id, form, error.status, blame(form, error))
    flash(str(words.SAVED), "ok")
    return htmx.go(url_for("people.show", patient_id=patient_id))


@bp.post("/<uuid:patient_id>/unreachable/clear")
@access(*REGISTER_PATIENTS)
def text_again(patient_id: UUID) -> Response:
    """The desk knows that texts arrive at the number. Twice is once."""
    records.text_again(current_user.organisation_id, patient_id, current_user.actor)
    flash(str(words.TEXTED_AGAIN), "ok")
    return htmx.go(url_for("people.show", patient_id=patient_id))
