"""Who acts, who may use an endpoint, and what every answer carries for safety."""

import functools
import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import (
    Flask,
    Request,
    Response,
    abort,
    after_this_request,
    current_app,
    request,
    session,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from werkzeug.wrappers import Response as AnyResponse

from clinic.access.roles import may

P = ParamSpec("P")
R = TypeVar("R")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LARGEST_JSON = 256 * 1024
UNREADABLE = re.compile(r"[\x00\ud800-\udfff]")
API = "/api/"
EVERYONE = "everyone"
SIGNED_IN = "signed_in"


def access(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare which roles may use a view: 401 (or the login page) without a session, else 403."""

    allowed = frozenset(roles)

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            if not may(current_user.role, allowed):
                abort(403)
            return view(*args, **kwargs)

        guarded.access = allowed  # type: ignore[attr-defined]
        return guarded

    return declare


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Declare that any signed-in person may use a view, which narrows to what is theirs."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return view(*args, **kwargs)

    guarded.access = frozenset({SIGNED_IN})  # type: ignore[attr-defined]
    return guarded


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Declare that anybody may use a view."""
    view.access = frozenset({EVERYONE})  # type: ignore[attr-defined]
    return view


def takes_up_to(largest: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view take a body of so many bytes, instead of what others take."""

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        view.largest_body = largest  # type: ignore[attr-defined]
        return view

    return declare


class WithWho(Protocol):
    """What one statement has found."""

    @property
    def who(self) -> Any: ...  # the person, if their session is open


def reads_along(
    read: Callable[[Any], WithWho | None],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view whose own statement can also say who asks; see signin/gate.py.

    `read` takes the bearer of a call of the API; of a page the token of the session, or None of a
    visitor. What it finds is `g.found` in the view. None leaves the question to be asked by itself.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.reads_along = read  # type: ignore[attr-defined]
        return view

    return mark


def when_lost(
    leads_back: Callable[[], str], shows_again: Callable[[str], AnyResponse]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view whose form outlives its cookie; see signin/pages.py.

    `leads_back` says where it stands again for whoever signs in first; `shows_again` answers
    whoever is signed in with the form as it was, and the given words on it.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.leads_back = leads_back  # type: ignore[attr-defined]
        view.shows_again = shows_again  # type: ignore[attr-defined]
        return view

    return mark


def is_from_elsewhere() -> bool:
    """Does the browser say that a page of another site sent this? Old ones say nothing.

    `Origin: null` says nothing either: it is what a page sends that tells nobody where it stands.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site not in ("same-origin", "none")
    told = request.headers.get("Origin") or request.referrer
    return bool(told and told != "null" and urlsplit(told).netloc != request.host)


def start_session(token: str) -> None:
    """Sign this browser in. What an anonymous visitor's cookie held is dropped."""
    session.clear()
    login_user(current_app.login_manager._user_callback(token))  # type: ignore[attr-defined]


def leave_nothing(response: AnyResponse) -> AnyResponse:
    """Have this browser drop what it kept of the site: somebody left, and others may come after.

    Cookies stay: they hold the language and which device this is, and no session any more.
    """
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def known_browser() -> str:
    """What this browser kept by `keep_known`, or ""; anybody may have written it."""
    return request.cookies.get(current_app.config["KNOWN_COOKIE_NAME"], "")


def keep_known(value: str, kept_for: timedelta) -> None:
    """Have the browser keep what tells accounts that they signed in there before."""

    @after_this_request
    def keep(response: Response) -> Response:
        config = current_app.config
        response.set_cookie(
            config["KNOWN_COOKIE_NAME"],
            value,
            max_age=kept_for,
            secure=config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite=config["SESSION_COOKIE_SAMESITE"],
        )
        return response


def local_path(target: str | None, default: str) -> str:
    """A `next` that stays on this site, else `default`: no scheme, no `//evil`, no backslash."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(ord(character) < 32 for character in target) or "\\" in target:
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def client_address() -> str:
    """Whom limits count: of IPv6 the /64, because one household or server has all of it."""
    given = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))


class _SessionsOfPages(SecureCookieSessionInterface):
    """A call of the API opens no session: cookies say nothing there, and opening costs a key."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(API):
            return self.null_session_class()
        return super().open_session(app, request)

    def is_null_session(self, obj: object) -> bool:
        return False  # saving it adds what it always did: that the answer varies by the cookie


def init_app(app: Flask) -> None:
    app.session_interface = _SessionsOfPages()
    app.after_request(_add_headers)
    app.before_request(_refuse_unreadable)
    app.before_request(_limit_bodies)
    if app.config["SETTINGS"].redirects_to_https:
        app.before_request(_insist_on_https)


def _refuse_unreadable() -> None:
    """NUL and lone surrogates are database errors further in: refuse them at the door."""
    if any(map(UNREADABLE.search, (request.path, *request.args.values()))):
        abort(400)


def _limit_bodies() -> None:
    """Before anything reads the body. MAX_FORM_MEMORY_SIZE by itself covers multipart alone."""
    view = current_app.view_functions.get(request.endpoint or "")
    largest = getattr(view, "largest_body", None)
    if largest:
        request.max_content_length = largest
    elif request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    elif request.is_json:
        request.max_content_length = LARGEST_JSON


def _insist_on_https() -> ResponseReturnValue | None:
    # Probes come over plain HTTP from inside the machine or the container network.
    if request.is_secure or request.endpoint in ("core.health", "core.ready", "core.show_metrics"):
        return None
    host = request.host
    return Response(
        status=308, headers={"Location": f"https://{host}{request.full_path.rstrip('?')}"}
    )


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    # A token in a path opens something: no page that is linked from there may learn it.
    has_token = "token" in (request.view_args or {})
    headers["Referrer-Policy"] = "no-referrer" if has_token else "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response
