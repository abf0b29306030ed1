"""Tell Flask-Login who is behind a request, and stop those who must do something first."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import (
    Flask,
    Request,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, LoginManager, current_user, user_logged_in
from werkzeug.wrappers import Response

from clinic.access.bearer import Bearer
from clinic.accounts.errors import SetupRequired, WrongPassword
from clinic.accounts.proof import checks
from clinic.accounts.sessions import browsers, known_browsers, programs, tokens
from clinic.accounts.sessions import person as sessions_person
from clinic.accounts.sessions.person import SignedIn
from clinic.accounts.signin import service
from clinic.accounts.signin.service import Known
from clinic.core import clock
from clinic.core.errors import TooMany
from clinic.core.web import htmx, problems
from clinic.core.web.problems import said
from clinic.core.web.security import (
    WithWho,
    client_address,
    keep_known,
    known_browser,
    leave_nothing,
    local_path,
)
from clinic.organisations.site import queries as sites

LIVE_HEADER = "X-Live"  # refreshes a page makes by itself carry it; they keep no session awake
HALF = "half"  # what the cookie holds between the password and the code
HALF_LIFE = timedelta(minutes=5)
UNLOCK = "unlock_password"  # goes along with a form that was sent while the screen was locked
PROBES = ("core.health", "core.ready", "core.show_metrics")
# What people can reach who must set up two-factor first.
ON_THE_WAY = frozenset(
    {
        "static",
        *PROBES,
        "accounts.logout",
        "api_auth.logout",
        "api_me.send_code",
        "api_me.verify",
        "api_two_factor.show",
        "api_two_factor.begin",
        "api_two_factor.switch_on",
        "account.photo",
        "account.verify",  # an address is proven first
        "account.code",
        "account.prove",
        "account.send_code",
        "account.send_again",
        "account.change_contact",
        "lock.unlock",
        "security.two_factor_page",
        "security.begin",
        "security.switch_on",
    }
)

login_manager = LoginManager()
login_manager.session_protection = None  # the session row decides; a changing network must not


class Nobody(AnonymousUserMixin):
    is_locked = False
    must_enrol = False


login_manager.anonymous_user = Nobody


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    app.extensions["checked_tokens"] = tokens.Checked()
    user_logged_in.connect(_know_again, app)
    app.before_request(_know_who_asks)
    app.before_request(_unlock_on_the_way)
    app.before_request(_insist_on_two_factor)
    app.before_request(_note_seen)


def _know_again(_app: Flask, user: SignedIn) -> None:
    """Whoever came in here is not locked out of this browser by strangers."""
    value = known_browsers.with_account(known_browser(), user.id)
    keep_known(value, known_browsers.KEPT_FOR)


@login_manager.user_loader
def _load(token: str) -> SignedIn | None:
    # Cookies open no API: a page elsewhere could make a browser send them.
    return None if _is_api() else browsers.load(token)


@login_manager.request_loader
def _load_bearer(given: Request) -> SignedIn | None:
    scheme, _, token = given.headers.get("Authorization", "").partition(" ")
    if not _is_api() or scheme.lower() != "bearer":
        return None
    bearer = tokens.bearer_of(token.strip())
    return _look_up(bearer) if bearer else None


def _know_who_asks() -> None:
    """Without what Flask-Login asks of cookies: none opens the API.

    A page that reads along is told who looks by its own statement. All others ask when they need
    it, and so does whatever tells of a failure: it must not ask again for what has failed.
    """
    if _is_api():
        login_manager._update_request_context_with_user(_load_bearer(request))
        return
    g.pop("found", None)
    read, token = _reads_along(), session.get("_user_id")
    found = read(token) if read else None
    if found is None:
        return
    g.found = found
    if found.who or token is None:
        login_manager._update_request_context_with_user(found.who)


def _look_up(bearer: Bearer) -> SignedIn | None:
    """Who it is; by the view's own statement where it has one that says that, too.

    Before anything else is decided, as ever: limits count accounts, and whose token was ended
    counts as nobody. A view that reads along keeps what it has found in `g.found`.
    """
    read = _reads_along()
    found = read(bearer) if read else None
    if found is None:
        return programs.look_up(bearer)
    g.found = found
    return found.who


def _reads_along() -> Callable[[Any], WithWho | None] | None:
    return getattr(current_app.view_functions.get(request.endpoint or ""), "reads_along", None)


def _is_api() -> bool:
    return request.path.startswith("/api/")


@login_manager.unauthorized_handler
def _ask_to_sign_in() -> Response:
    if current_user.is_locked and not problems.wants_json():
        return lock_answer()
    if problems.wants_json() or htmx.is_partial() or request.method not in ("GET", "HEAD"):
        abort(401)
    wanted = request.full_path.rstrip("?")
    answer = redirect(url_for("accounts.login", next=wanted), code=303)
    if session.pop("_user_id", None):  # it was ended elsewhere, by a new password perhaps
        leave_nothing(answer)
    return answer


def remember_half(person: Known) -> None:
    """The password was right. This signs nobody in: it only lets the code be asked for."""
    session.clear()
    session[HALF] = {
        "user": str(person.user_id),
        "mark": person.mark,
        "at": clock.now().isoformat(),
    }


def half_known() -> Known | None:
    """Who entered the password in this browser within five minutes; None for any doubt."""
    half: Any = session.get(HALF)
    try:
        age = clock.now() - datetime.fromisoformat(half["at"])
        user_id, mark = UUID(half["user"]), str(half["mark"])
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
    if not timedelta(0) <= age <= HALF_LIFE:
        return None
    return service.known_again(user_id, mark)


def lock_answer(status: int = 401, problem: str | None = None) -> Response:
    """What a locked person gets instead: the dialog opens over a page that is there already."""
    if htmx.is_partial():
        return htmx.trigger(make_response("", status), **{"session-locked": True})
    is_read = request.method in ("GET", "HEAD")
    here = local_path(request.full_path.rstrip("?"), "/")
    page = render_template(
        "accounts/signin/lock.html",
        problem=problem,
        person=current_user,
        site=sites.for_person(current_user.id),
        action=url_for("lock.unlock") if is_read else here,
        field="password" if is_read else UNLOCK,
        carried=[("next", here)] if is_read else _carried(),
    )
    return make_response(page, status)


def _carried() -> list[tuple[str, str]]:
    """What was typed goes on with the password; but for secrets, and files, which are lost."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]


def unlock(password: str) -> None:
    """Raises WrongPassword or TooMany."""
    person = current_user.copy()
    checks.confirm_password(person.id, password, client_address())
    browsers.note_seen(person.session_id)
    login_manager._update_request_context_with_user(browsers.load(person.token))


def _unlock_on_the_way() -> Response | None:
    """A form that was sent while the screen was locked comes again, with the password."""
    if _is_api() or UNLOCK not in request.form or not current_user.is_locked:
        return None
    try:
        unlock(request.form[UNLOCK])
    except WrongPassword as error:
        return lock_answer(422, said(error))
    except TooMany as error:
        return with_wait(lock_answer(429, said(error)), error)
    return None


def with_wait(response: Response, error: TooMany) -> Response:
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _insist_on_two_factor() -> ResponseReturnValue | None:
    if request.endpoint in ON_THE_WAY:
        return None
    if not current_user.is_authenticated or not current_user.must_enrol:
        return None
    if problems.wants_json():
        raise SetupRequired(None if current_user.organisation_id else SetupRequired.of_their_role)
    return htmx.go(url_for("security.two_factor_page"))


def _note_seen() -> None:
    if request.endpoint == "static" or LIVE_HEADER in request.headers or _is_api():
        return
    if request.endpoint in (*PROBES, "core.stream"):
        return
    if not current_user.is_authenticated:
        return
    if clock.now() - current_user.seen_at > sessions_person.SEEN_EVERY:
        browsers.note_seen(current_user.session_id)
