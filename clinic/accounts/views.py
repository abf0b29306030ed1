from flask import Blueprint, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from clinic.accounts import service, signing
from clinic.accounts.forms import CodeForm, LoginForm
from clinic.accounts.roles import Role
from clinic.accounts.service import Known, WrongPassword
from clinic.accounts.two_factor import WrongOtp
from clinic.appointments import queries as appointment_queries
from clinic.core import htmx
from clinic.core.security import client_address, local_path, public

bp = Blueprint("accounts", __name__)

HOME = {
    Role.PATIENT: "appointments.index",
    Role.DOCTOR: "board.index",
    Role.STAFF: "board.index",
    Role.ADMIN: "board.index",
    Role.SUPERADMIN: "organisations.index",
}


@bp.route("/login", methods=["GET", "POST"])
@public
def login() -> Response:
    if current_user.is_authenticated:
        return htmx.go(_after_sign_in())
    form = LoginForm(request.form if request.method == "POST" else request.args)
    if request.method == "GET":
        return _login_page(form)
    if not form.validate():
        return _login_page(form, 422)
    address = client_address()
    try:
        known = service.recognise(form.email.data or "", form.password.data or "", address)
        if not known.needs_code:
            return _let_in(known)
    except WrongPassword as error:
        return _login_page(form, 422, error.message)
    signing.remember_half(known)
    return htmx.go(url_for("accounts.login_code", next=_following() or None))


@bp.route("/login/code", methods=["GET", "POST"])
@public
def login_code() -> Response:
    """The other half. Without a password that was right a moment ago, nothing is looked at."""
    if current_user.is_authenticated:
        return htmx.go(_after_sign_in())
    known = signing.half_known()
    if known is None:
        return htmx.go(url_for("accounts.login", next=_following() or None))
    form = CodeForm()
    if request.method == "GET":
        return _code_page(form)
    if not form.validate():
        return _code_page(form, 422)
    try:
        service.check_code(known, form.code.data, client_address())
        return _let_in(known)
    except WrongOtp as error:
        return _code_page(form, 422, error.message)
    except WrongPassword:  # changed in this moment
        return htmx.go(url_for("accounts.login", next=_following() or None))


def _let_in(known: Known) -> Response:
    signing.remember(service.open_browser(known, request.user_agent.string))
    return htmx.go(_after_sign_in())


@bp.post("/logout")
@public
def logout() -> Response:
    if not current_user.is_anonymous:  # a locked screen, too
        service.sign_out(current_user.session_id, current_user.actor)
        logout_user()
    session.clear()
    return htmx.go(local_path(request.form.get("next"), url_for("doctors.index")))


def _following() -> str:
    return local_path(request.values.get("next"), "")


def _after_sign_in() -> str:
    return _following() or url_for(HOME[Role(current_user.role)])


def _login_page(form: LoginForm, status: int = 200, problem: str | None = None) -> Response:
    following = _following()
    page = render_template(
        "accounts/login.html",
        form=form,
        problem=problem,
        next=following,
        signup_url=url_for("patients.signup", next=following or None),
        choice=appointment_queries.choice_in(following),
    )
    return make_response(page, status)


def _code_page(form: CodeForm, status: int = 200, problem: str | None = None) -> Response:
    following = _following()
    page = render_template(
        "accounts/login_code.html",
        form=form,
        problem=problem and _(problem),
        next=following,
        choice=appointment_queries.choice_in(following),
    )
    return make_response(page, status)
