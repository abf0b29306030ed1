from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from clinic.accounts import service, signing
from clinic.accounts.forms import LoginForm
from clinic.accounts.roles import Role
from clinic.accounts.service import WrongPassword
from clinic.appointments import queries as appointment_queries
from clinic.core import htmx
from clinic.core.security import local_path, public

bp = Blueprint("accounts", __name__)

HOME = {
    Role.PATIENT: "appointments.index",
    Role.DOCTOR: "board.index",
    Role.STAFF: "board.index",
    Role.ADMIN: "board.index",
    Role.SUPERADMIN: "doctors.index",
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
    address, browser = request.remote_addr or "", request.user_agent.string
    try:
        token = service.sign_in(form.email.data or "", form.password.data or "", address, browser)
    except WrongPassword as error:
        return _login_page(form, 422, error.message)
    signing.remember(token)
    return redirect(_after_sign_in(), code=303)


@bp.post("/logout")
@public
def logout() -> Response:
    if current_user.is_authenticated:
        service.sign_out(current_user.session_id, current_user.actor)
        logout_user()
    session.clear()
    return htmx.go(url_for("doctors.index"))


def _after_sign_in() -> str:
    home = url_for(HOME[Role(current_user.role)])
    return local_path(request.values.get("next"), home)


def _login_page(form: LoginForm, status: int = 200, problem: str | None = None) -> Response:
    following = local_path(request.values.get("next"), "")
    page = render_template(
        "accounts/login.html",
        form=form,
        problem=problem,
        next=following,
        signup_url=url_for("patients.signup", next=following or None),
        choice=appointment_queries.choice_in(following),
    )
    return make_response(page, status)
