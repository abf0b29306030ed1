"""A clinic opens itself, and what its first administrator does next."""

from dataclasses import dataclass, replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import RUN_OWN_ORGANISATION
from clinic.accounts.errors import WeakPassword
from clinic.accounts.opening import queries as opening_queries
from clinic.accounts.opening import service as signup
from clinic.accounts.opening import words
from clinic.accounts.opening.forms import ClinicSignUpForm
from clinic.accounts.opening.service import AlreadyInUse, NameTaken, NewClinic
from clinic.accounts.opening.words import StepWords
from clinic.core.errors import Invalid
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.security import access, client_address, public, start_session
from clinic.organisations import queries as organisation_queries

bp = Blueprint("signup", __name__)


@bp.route("/signup/clinic", methods=["GET", "POST"])
@public
def clinic() -> Response:
    if not signup.is_open():
        abort(404)
    if current_user.is_authenticated:
        return htmx.go(url_for("doctors.index"))
    form = ClinicSignUpForm()
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form, 422)
    try:
        token = signup.register_clinic(
            _new_clinic(form), client_address(), request.user_agent.string
        )
    except (Invalid, WeakPassword, AlreadyInUse, NameTaken) as error:
        return _page(form, 422, blame(form, error))
    start_session(token)
    return redirect(url_for("signup.welcome"), code=303)


def _new_clinic(form: ClinicSignUpForm) -> NewClinic:
    return NewClinic(
        name=form.name.data or "",
        kind=form.kind.data,
        timezone=form.timezone.data,
        country=form.country.data,
        full_name=form.full_name.data or "",
        email=form.email.data or "",
        phone=form.phone.data,
        password=form.password.data or "",
        address=form.address.data or "",
    )


def _page(form: ClinicSignUpForm, status: int = 200, problem: str | None = None) -> Response:
    return htmx.render(
        "accounts/opening/clinic_signup.html",
        partial="accounts/opening/_clinic_signup.html",
        status=status,
        form=form,
        problem=problem,
    )


@dataclass(frozen=True, slots=True)
class FirstStep:
    words: StepWords
    is_done: bool
    url: str = ""
    is_next: bool = False


@bp.get("/admin/welcome")
@access(*RUN_OWN_ORGANISATION)
def welcome() -> str:
    return render_template(
        "accounts/opening/welcome.html",
        organisation=organisation_queries.details(current_user.organisation_id, current_user.actor),
        steps=_steps(opening_queries.progress(current_user.organisation_id, current_user.id)),
    )


def _steps(done: opening_queries.Progress) -> list[FirstStep]:
    """From what is really there; the first that is open is the next."""
    people, rules, hours = (
        url_for(name) for name in ("users.new", "organisations.settings", "schedules.index")
    )
    steps = [
        FirstStep(words.OPEN, is_done=True),
        FirstStep(words.RULES, done.has_looked_at_rules, rules),
        FirstStep(words.DOCTORS, done.has_doctors, people),
        FirstStep(words.COLLEAGUES, done.has_colleagues, people),
        FirstStep(words.HOURS, done.has_hours, hours),
    ]
    waiting = [step for step in steps if not step.is_done]
    return [replace(step, is_next=waiting[:1] == [step]) for step in steps]
