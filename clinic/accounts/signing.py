"""Tell Flask-Login who is behind a request."""

from flask import Flask, Request, abort, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user
from werkzeug.wrappers import Response

from clinic.accounts import sessions, tokens
from clinic.accounts.sessions import SignedIn
from clinic.core import clock, errors, htmx

LIVE_HEADER = "X-Live"  # refreshes a page makes by itself carry it; they keep no session awake

login_manager = LoginManager()
login_manager.session_protection = None  # the session row decides; a changing network must not


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    app.before_request(_note_seen)


@login_manager.user_loader
def _load(token: str) -> SignedIn | None:
    # Cookies open no API: a page elsewhere could make a browser send them.
    return None if _is_api() else sessions.load(token)


@login_manager.request_loader
def _load_bearer(given: Request) -> SignedIn | None:
    scheme, _, token = given.headers.get("Authorization", "").partition(" ")
    if not _is_api() or scheme.lower() != "bearer":
        return None
    return tokens.load(token.strip())


def _is_api() -> bool:
    return request.path.startswith("/api/")


@login_manager.unauthorized_handler
def _ask_to_sign_in() -> Response:
    if errors.wants_json() or htmx.is_partial() or request.method not in ("GET", "HEAD"):
        abort(401)
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("accounts.login", next=wanted), code=303)


def remember(token: str) -> None:
    """Start this browser's session. What an anonymous visitor's cookie held is dropped."""
    session.clear()
    person = sessions.load(token)
    login_user(person)


def _note_seen() -> None:
    if request.endpoint == "static" or LIVE_HEADER in request.headers or _is_api():
        return
    if request.endpoint in ("core.health", "core.ready", "core.show_metrics", "core.stream"):
        return
    if not current_user.is_authenticated:
        return
    if clock.now() - current_user.seen_at > sessions.SEEN_EVERY:
        sessions.note_seen(current_user.session_id)
