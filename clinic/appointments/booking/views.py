"""Book a visit."""

from typing import Any
from uuid import UUID, uuid4

from flask import flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from clinic.access.roles import BOOK_FOR_PATIENTS, BOOK_ON_PAGES
from clinic.appointments.blueprint import bp
from clinic.appointments.booking import book as booking
from clinic.appointments.booking import pages, words
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.booking.forms import BookingForm, choices_of
from clinic.appointments.errors import (
    AlreadyBooked,
    NotProven,
    PatientBusy,
    SlotNotOffered,
    SlotTaken,
    TooManyOpen,
    TooManyUnproven,
)
from clinic.appointments.holding import pages as holding
from clinic.appointments.offer import words as offer_words
from clinic.appointments.offer.choice import Choice
from clinic.appointments.offer.choice import choice as chosen_slot
from clinic.appointments.pages import shown, site_for_patient
from clinic.appointments.reached import words as reached_words
from clinic.appointments.reached.pages import told
from clinic.appointments.reached.queries import Reached, reached
from clinic.appointments.reading import visit as visits
from clinic.core.data import idempotency
from clinic.core.data.idempotency import KeyReused
from clinic.core.errors import N_, ClinicError, NotFound
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import access, client_address, public, when_lost
from clinic.messaging.queueing import queries as messaging
from clinic.patients.joining import queries as joining
from clinic.patients.people import queries as patient_queries
from clinic.patients.people.queries import FoundPerson

REFUSALS = (
    *(KeyReused, SlotNotOffered, SlotTaken, PatientBusy),
    *(NotProven, TooManyUnproven, TooManyOpen),
)


@bp.get("/new")
@public
def new() -> BaseResponse:
    """The confirm step. A visitor who is not signed in is led there and back, slot in hand."""
    if not current_user.is_authenticated:
        return _ask_who(chosen_slot(request.args.get("doctor"), request.args.get("start")))
    if not current_user.may(BOOK_ON_PAGES):
        return _refused(words.who_books())
    form = BookingForm(pages.given(), meta={"csrf": False})
    elsewhere = pages.elsewhere(form.doctor.data)
    return _refused(words.books_elsewhere(elsewhere)) if elsewhere else _confirm_page(form)


def _refused(problem: str) -> BaseResponse:
    page = render_template("appointments/booking/refused.html", problem=problem)
    return make_response(page, 403)


def _ask_who(choice: Choice | None) -> BaseResponse:
    if choice is None:
        return _choices_left(words.no_longer_free(), 409)
    following = request.full_path.rstrip("?")
    page = render_template(
        "appointments/booking/who.html",
        choice=offer_words.picked(choice),
        site=choice.site,
        login_url=url_for("accounts.login", next=following),
        signup_url=url_for("patients.signup", next=following),
    )
    return make_response(page)


def _confirm_page(
    form: BookingForm, status: int = 200, problem: str | None = None, proof_url: str | None = None
) -> BaseResponse:
    at_desk = current_user.may(BOOK_FOR_PATIENTS)
    near, held = pages.own_near(form)
    if held:
        return _lead_to(held.id, held.code)
    choice = chosen_slot(form.doctor.data, form.start.data, at_desk)
    if choice is None:
        return _choices_left(words.no_longer_free(), 409)
    more = _patients_found(form) if at_desk else {}
    person = more.get("chosen")
    patient_id = current_user.patient_id if not at_desk else person.id if person else None
    name = person.name if person else ""
    if name:
        form.speak_of(name)
    return htmx.render(
        "appointments/booking/new.html",
        partial="appointments/booking/_confirm.html",
        status=status,
        form=form,
        choice=offer_words.picked(choice),
        problem=problem,
        proof_url=proof_url,
        idempotency_key=form.idempotency_key.data or uuid4().hex,
        at_desk=at_desk,
        near=[(one.id, words.near(one, choice, name)) for one in near],
        site=choice.site,
        **_ways(form, reached(patient_id, choice.doctor_id, choice.organisation_id), at_desk),
        **more,
    )


def _ways(form: BookingForm, found: Reached, at_desk: bool) -> dict[str, Any]:
    """Only what reaches the person is offered, their own way first; why texts do not is said."""
    form.channel.choices = choices_of(found.offered)
    if form.channel.data not in found.offered:
        form.channel.data = found.usual
    return {
        "stop": reached_words.stop_of(found, at_desk),
        "stop_kind": found.stop,
        "stopped_number": found.reach.phone if found.stop else None,
        "may_allow": found.stop and not at_desk and found.phone_is_proven,
    }


def _patients_found(form: BookingForm) -> dict[str, Any]:
    """For the front desk: whom the visit is for, chosen among the organisation's patients."""
    text = request.values.get("find", "")
    return {
        "find": text,
        "found": patient_queries.search(current_user.organisation_id, text),
        "chosen": _person(form),
    }


def _person(form: BookingForm) -> FoundPerson | None:
    """Whom the desk has chosen."""
    asked = pages.asked_in(form)
    if asked.patient_id is None or not current_user.may(BOOK_FOR_PATIENTS):
        return None
    return patient_queries.of_organisation(current_user.organisation_id, asked.patient_id)


def _again(problem: str) -> BaseResponse:
    """The form of another sign-in, or of none, for whoever is signed in now."""
    if not current_user.may(BOOK_ON_PAGES):
        return _refused(words.who_books())
    return _confirm_page(BookingForm(meta={"csrf": False}), 400, problem)


@bp.post("/")
@when_lost(pages.leads_back, _again)
@access(*BOOK_ON_PAGES)
def book() -> BaseResponse:
    form = BookingForm()
    form.channel.choices = choices_of(messaging.ways_of_any())
    if not form.validate():
        return _confirm_page(form, 422)
    wanted = _request_in(form)
    if wanted is None:
        return _confirm_page(form, 422, words.for_whom())
    try:
        visit_id = _book_once(form, wanted)
    except AlreadyBooked as error:
        return _lead_to(error.visit_id, error.reference)
    except NotFound:
        return _joined_meanwhile(form)
    except REFUSALS as error:
        return _not_booked(form, error)
    return htmx.go(url_for("appointments.done", appointment_id=visit_id))


def _joined_meanwhile(form: BookingForm) -> BaseResponse:
    """The person's record went into another one while somebody booked. Raises NotFound."""
    asked = pages.asked_in(form)
    stays = asked.patient_id and joining.stands_for(asked.patient_id, current_user.organisation_id)
    if not stays:
        raise NotFound
    form.patient.data = str(stays)
    return _confirm_page(form, 409, words.joined())


def _not_booked(form: BookingForm, error: ClinicError) -> BaseResponse:
    """The choices left, or the form again with what is in the way."""
    match error:
        case KeyReused():
            return _sent_before(form, error)
        case SlotNotOffered():
            return _choices_left(said(error), 400)
        case SlotTaken():
            return _choices_left(words.just_taken(), 409)
        case PatientBusy() if person := _person(form):
            return _confirm_page(form, error.status, words.busy(person.name))
        case NotProven() | TooManyUnproven():
            return _confirm_page(form, error.status, said(error), pages.proof_url(form))
    return _confirm_page(form, error.status, said(error))


def _lead_to(visit_id: UUID, reference: str) -> BaseResponse:
    """Back, a second tab, a form sent again: the time is theirs, and this is the visit."""
    flash(words.booked_already(reference), "ok")
    return htmx.go(url_for("appointments.done", appointment_id=visit_id))


def _sent_before(form: BookingForm, error: KeyReused) -> BaseResponse:
    """The form was corrected after it had booked: to its visit. If it was about another time, or
    that visit is gone, it is a form like a new one.
    """
    _, held = pages.own_near(form)
    if held:
        return _lead_to(held.id, held.code)
    form.idempotency_key.data = ""
    return _confirm_page(form, error.status, words.check_again())


def _request_in(form: BookingForm) -> BookingRequest | None:
    asked = pages.asked_in(form)
    if asked.doctor_id is None or asked.patient_id is None:
        return None
    if asked.start is None:
        raise SlotNotOffered(N_("That is not a time that can be booked."))
    return BookingRequest(
        doctor_id=asked.doctor_id,
        patient_id=asked.patient_id,
        start=asked.start,
        reason=form.reason.data or "",
        channel=form.channel.data,
        source="staff" if current_user.may(BOOK_FOR_PATIENTS) else "web",
        client=client_address(),
    )


def _book_once(form: BookingForm, wanted: BookingRequest) -> UUID:
    key = request.headers.get("Idempotency-Key") or form.idempotency_key.data
    body = {
        name: form[name].data or "" for name in ("doctor", "start", "patient", "reason", "channel")
    }
    mine = idempotency.key_of(current_user.id, "appointments.book", key, body)
    return booking.book_once(wanted, current_user.actor, mine).id


@bp.post("/choose")
@when_lost(pages.leads_back, _again)
@access(*BOOK_ON_PAGES)
def choose() -> BaseResponse:
    """Another time instead of a taken one. A POST, so that the reason stays out of addresses."""
    return _confirm_page(BookingForm())


def _choices_left(problem: str, status: int) -> BaseResponse:
    """The doctor's next days; what was typed goes along with the choice."""
    names = ("reason", "channel", "patient")
    left = pages.left(request.values.get("doctor"), request.values.get("start"))
    return htmx.render(
        "appointments/booking/choices.html",
        partial="appointments/booking/_choices.html",
        status=status,
        problem=problem,
        left=left,
        **({"site": left.site} if left else {}),
        doctor_id=request.values.get("doctor"),
        typed={name: request.form[name] for name in names if request.form.get(name)},
    )


@bp.get("/<uuid:appointment_id>/done")
@access(*BOOK_ON_PAGES)
def done(appointment_id: UUID) -> str:
    visit = visits.visit(appointment_id, current_user.actor)
    proof = holding.code_part(request.path) if visit.is_held and current_user.is_patient else {}
    page = "appointments/booking/done.html"
    whose = site_for_patient(visit)
    return render_template(page, visit=shown(visit), **told(visit), **whose, **proof)
