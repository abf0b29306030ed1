"""Log in, give the second factor, log out; and the locked screen opens again."""

from flask import (
    Blueprint,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from clinic.access.roles import Role
from clinic.accounts.errors import WrongOtp, WrongPassword
from clinic.accounts.forms import CodeForm
from clinic.accounts.signin import gate, service, words
from clinic.accounts.signin.forms import LoginForm, UnlockForm
from clinic.accounts.signin.service import Known
from clinic.appointments.offer.words import picked_in
from clinic.core.errors import TooMany
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import (
    client_address,
    known_browser,
    leave_nothing,
    local_path,
    public,
    start_session,
)
from clinic.organisations.site import queries as sites

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
        known = service.recognise(
            form.email.data or "", form.password.data or "", address, known_browser()
        )
        if not known.needs_code:
            return _let_in(known)
    except WrongPassword as error:
        return _login_page(form, 422, said(error))
    gate.remember_half(known)
    return htmx.go(url_for("accounts.login_code", next=_following() or None))


@bp.route("/login/code", methods=["GET", "POST"])
@public
def login_code() -> Response:
    """The other half. Without a password that was right a moment ago, nothing is looked at."""
    if current_user.is_authenticated:
        return htmx.go(_after_sign_in())
    known = gate.half_known()
    if known is None:
        return htmx.go(url_for("accounts.login", next=_following() or None))
    form = CodeForm()
    if request.method == "GET":
        return _code_page(form, known)
    if not form.validate():
        return _code_page(form, known, 422)
    try:
        service.check_code(known, form.code.data, client_address())
        return _let_in(known)
    except WrongOtp as error:
        return _code_page(form, known, 422, said(error))
    except WrongPassword:  # changed in this moment
        return htmx.go(url_for("accounts.login", next=_following() or None))


def _let_in(known: Known) -> Response:
    token = service.open_browser(known, request.user_agent.string, known_browser())
    start_session(token)
    return htmx.go(_after_sign_in())


@bp.post("/logout")
@public
def logout() -> Response:
    if not current_user.is_anonymous:  # a locked screen, too
        service.sign_out(current_user.session_id, current_user.actor)
        logout_user()
    session.clear()
    following = local_path(request.form.get("next"), url_for("doctors.index"))
    return leave_nothing(htmx.go(following))


def _following() -> str:
    return local_path(request.values.get("next"), "")


def _after_sign_in() -> str:
    return _following() or url_for(HOME[Role(current_user.role)])


def _login_page(form: LoginForm, status: int = 200, problem: str | None = None) -> Response:
    following = _following()
    choice = picked_in(following)
    page = render_template(
        "accounts/signin/login.html",
        form=form,
        problem=problem,
        next=following,
        signup_url=url_for("patients.signup", next=following or None),
        choice=choice,
        **({"site": choice.site} if choice else {}),
    )
    return make_response(page, status)


def _code_page(
    form: CodeForm, known: Known, status: int = 200, problem: str | None = None
) -> Response:
    following = _following()
    page = render_template(
        "accounts/signin/login_code.html",
        form=form,
        problem=problem,
        next=following,
        choice=picked_in(following),
        site=sites.for_person(known.user_id),
    )
    return make_response(page, status)


lock_bp = Blueprint("lock", __name__)


@lock_bp.post("/unlock")
@public
def unlock() -> Response:
    """The password of who is signed in; asked also of one whose session is awake elsewhere."""
    following = local_path(request.form.get("next"), "/")
    if current_user.is_anonymous:
        if htmx.is_partial():
            abort(401)
        return redirect(url_for("accounts.login", next=following), code=303)
    form = UnlockForm()
    if form.session.data and form.session.data != str(current_user.session_id):
        return htmx.go(following)  # somebody else logged in beside: that page is theirs no more
    if not form.validate():
        return _locked_again(422, words.NO_PASSWORD)
    try:
        gate.unlock(form.password.data or "")
    except WrongPassword as error:
        return _locked_again(422, said(error))
    except TooMany as error:
        return gate.with_wait(_locked_again(429, said(error)), error)
    if htmx.is_partial():
        return htmx.trigger(make_response("", 204), **{"session-unlocked": True})
    return redirect(following, code=303)


def _locked_again(status: int, problem: str) -> Response:
    following = local_path(request.form.get("next"), "/")
    return htmx.render(
        "accounts/signin/lock.html",
        partial="accounts/signin/_lock.html",
        status=status,
        problem=problem,
        person=current_user,
        action=url_for("lock.unlock"),
        field="password",
        carried=[("next", following)],
        in_dialog=htmx.is_partial(),
    )
