"""Patients sign up by themselves."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.accounts.errors import AlreadyInUse, WeakPassword
from clinic.appointments.offer.words import picked_in
from clinic.core import running
from clinic.core.errors import Invalid
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.problems import said
from clinic.core.web.security import client_address, local_path, public, start_session
from clinic.messaging.consents import words as text_words
from clinic.patients.signup import service as signup_service
from clinic.patients.signup.forms import SignUpForm
from clinic.patients.signup.service import NewPatient

bp = Blueprint("patients", __name__)


@bp.route("/signup", methods=["GET", "POST"])
@public
def signup() -> Response:
    following = local_path(request.values.get("next"), url_for("appointments.index"))
    if current_user.is_authenticated:
        return htmx.go(following)
    form = SignUpForm()
    if request.method == "GET":
        form.next.data = request.args.get("next")
        return _page(form)
    if not form.validate():
        return _page(form, 422)
    try:
        token = signup_service.sign_up(
            _new_patient(form, following),
            client_address(),
            request.user_agent.string,
        )
    except WeakPassword as error:
        form.password.errors = [said(error)]
        return _page(form, 422)
    except AlreadyInUse as error:
        return _page(form, 422, blame(form, error), is_taken=True)
    except Invalid as error:
        return _page(form, 422, blame(form, error))
    start_session(token)
    return redirect(following, code=303)


def _new_patient(form: SignUpForm, following: str) -> NewPatient:
    choice = picked_in(following)
    site = choice.site if choice else running.registered("sites").known()
    return NewPatient(
        full_name=form.full_name.data or "",
        email=form.email.data or "",
        phone=form.phone.data or "",
        password=form.password.data or "",
        agreed=text_words.agreed(site, request.form.get(text_words.FIELD), "page"),
    )


def _page(
    form: SignUpForm, status: int = 200, problem: str | None = None, is_taken: bool = False
) -> Response:
    following = local_path(request.values.get("next"), "")
    choice = picked_in(following)
    known = {"email": form.email.data} if is_taken else {}
    page = render_template(
        "patients/signup/signup.html",
        form=form,
        problem=problem,
        next=following,
        login_url=url_for("accounts.login", next=following or None),
        taken_url=url_for("accounts.login", **known, next=following or None) if known else None,
        choice=choice,
        **({"site": choice.site} if choice else {}),
    )
    return make_response(page, status)
