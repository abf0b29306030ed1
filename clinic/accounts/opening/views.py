"""A clinic opens itself, and what its first administrator does next."""

from dataclasses import dataclass, replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import RUN_OWN_ORGANISATION, Role
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
    except AlreadyInUse as error:
        known = url_for("accounts.login", email=form.email.data)
        return _page(form, 422, blame(form, error), known)
    except (Invalid, WeakPassword, NameTaken) as error:
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


def _page(
    form: ClinicSignUpForm,
    status: int = 200,
    problem: str | None = None,
    taken_url: str | None = None,
) -> Response:
    return htmx.render(
        "accounts/opening/clinic_signup.html",
        partial="accounts/opening/_clinic_signup.html",
        status=status,
        form=form,
        problem=problem,
        taken_url=taken_url,
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
    done = opening_queries.progress(current_user.organisation_id, current_user.id)
    return render_template(
        "accounts/opening/welcome.html",
        organisation=organisation_queries.details(current_user.organisation_id, current_user.actor),
        steps=_steps(done),
        bookable=done.bookable,
    )


def _steps(done: opening_queries.Progress) -> list[FirstStep]:
    """From what is really there; the first that is open is the next.

    A step that needs another one first has no link yet.
    """
    steps = [
        FirstStep(words.OPEN, is_done=True),
        FirstStep(words.RULES, done.has_looked_at_rules, url_for("organisations.settings")),
        FirstStep(words.DOCTORS, done.has_doctors, url_for("users.new", role=Role.DOCTOR)),
        FirstStep(words.PROFILE, _has_profiles(done), _profile_url(done)),
        FirstStep(words.HOURS, done.bookable is not None, _hours_url(done)),
        FirstStep(words.COLLEAGUES, done.has_colleagues, url_for("users.new", role=Role.STAFF)),
    ]
    waiting = [step for step in steps if not step.is_done]
    return [replace(step, is_next=waiting[:1] == [step]) for step in steps]


def _has_profiles(done: opening_queries.Progress) -> bool:
    has_one = bool(done.without_hours or done.bookable)
    return has_one and done.without_profile is None


def _profile_url(done: opening_queries.Progress) -> str:
    user_id = done.without_profile
    return url_for("doctor_profile.edit", doctor_id=user_id) if user_id else ""


def _hours_url(done: opening_queries.Progress) -> str:
    doctor_id = done.without_hours
    return url_for("schedules.index", doctor=doctor_id) if doctor_id else ""
