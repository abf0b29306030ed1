"""Errors become an answer: a problem, a toast or a page."""

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, request
from flask_babel import gettext
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import BadRequest, HTTPException

from clinic.core import saying
from clinic.core.data.db import db
from clinic.core.errors import N_, ClinicError, FieldError, Wrong
from clinic.core.web import htmx

log = structlog.get_logger()


_WORDS: dict[int, tuple[str, str]] = {  # status: title, what the person can do
    400: (
        N_("We could not read that request"),
        N_("Go back, check what you entered and try again."),
    ),
    401: (N_("Please log in"), N_("Log in to see this page.")),
    403: (
        N_("Your account cannot do this"),
        N_("It is for other people at the clinic. Ask your administrator if you need it."),
    ),
    404: (
        N_("We could not find that page"),
        N_("It may have moved, or the link may be incomplete."),
    ),
    405: (
        N_("We could not read that request"),
        N_("This address does not take that kind of request."),
    ),
    409: (N_("That is no longer possible"), N_("It changed in the meantime. Look at it again.")),
    413: (N_("That is too large"), N_("Send less at once.")),
    429: (N_("Too many tries"), N_("Wait a little, then try again.")),
    503: (N_("Please try again in a moment"), N_("The service is busy. Nothing was changed.")),
}
_FOR_PROGRAMS: dict[int, tuple[str, str]] = {
    400: (N_("The request could not be read"), N_("Check it against the document of the API.")),
    401: (
        N_("No token, or one that is not valid"),
        N_("Send an access token: Authorization: Bearer <token>."),
    ),
    403: (N_("This account cannot do this"), N_("Its role does not allow it.")),
    404: (N_("Nothing is there"), N_("The address or the id is unknown to this account.")),
    405: (N_("That method is not taken here"), N_("The header Allow names those that are.")),
    409: (N_("That contradicts what is there"), N_("Read it again, then decide.")),
    413: (N_("The body is too large"), N_("Send less at once.")),
    415: (N_("That kind of body is not taken here"), N_("Send application/json.")),
    500: (
        N_("The fault is on this side"),
        N_("It has been recorded under this error_id. Nothing was changed."),
    ),
}
_FAULT = (
    N_("Sorry, this page did not load"),
    N_("The fault is ours and has been recorded. Nothing was changed."),
)


def _said(status: int) -> tuple[str, str]:
    words = _FOR_PROGRAMS.get(status) if request.path.startswith("/api/") else None
    title, detail = words or _WORDS.get(status) or (_FAULT if status >= 500 else _WORDS[400])
    return gettext(title), gettext(detail)


def said(error: ClinicError) -> str:
    """What went wrong, in the reader's language."""
    return gettext(error.words, **error.values)


def said_of(one: FieldError | Wrong) -> str:
    return gettext(one.words, **one.values)


def entries_of(error: ClinicError) -> list[dict[str, str]]:
    """As programs read them: field, code, message."""
    return [{"field": one.field, "code": one.code, "message": said_of(one)} for one in error.errors]


def request_id() -> str:
    """The id of the request: in the answer, the log line and the error page."""
    return g.get("request_id") or uuid.uuid4().hex


def short_id(error_id: str) -> str:
    """The last eight characters in two groups, for reading out on the telephone."""
    tail = error_id.replace("-", "")[-8:].upper()
    return f"{tail[:4]}-{tail[4:]}"


def wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def init_app(app: Flask) -> None:
    app.register_error_handler(ClinicError, answer_to)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ParseException, _unreadable_body)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(IntegrityError, _lost_race)
    app.register_error_handler(Exception, _fault)


def answer_to(error: ClinicError) -> Response:
    """In the form the reader asked for, with how long to wait where the error says it."""
    title = gettext(error.title, **error.values)
    response = answer(
        error.status, title, said(error), error.code, entries_of(error), error.members
    )
    retry_after = getattr(error, "retry_after_s", None)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:  # a redirect, or an answer a library made whole
        return make_response(error.response)
    status = error.code or 500
    title, detail = _said(status)
    response = answer(status, title, detail, HTTPStatus(status).phrase.lower().replace(" ", "_"))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def _unreadable_body(error: ParseException) -> Response:
    """Gunicorn takes a body without a length apart while it is read: only now it is seen."""
    return _http_error(BadRequest())


def _database_error(error: OperationalError) -> Response:
    log.error("database_unavailable", error=type(error.orig).__name__)
    db.session.rollback()
    # Nobody can be looked up now; the error page and the log line must not try it again.
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    response = answer(503, *_said(503), "unavailable")
    response.headers["Retry-After"] = "5"
    return response


def _lost_race(error: IntegrityError) -> Response:
    """A constraint behind the rules spoke: somebody was faster. Never expected, so it is logged."""
    log.error("constraint_refused", exc_info=error)
    return answer(409, *_said(409), "conflict")


def _fault(error: Exception) -> Response:
    log.error("fault", exc_info=error)
    db.session.rollback()  # a failed statement would fail those of the error page too
    return answer(500, *_said(500), "internal_error")


def answer(
    status: int,
    title: str,
    detail: str,
    code: str,
    errors: Sequence[dict[str, str]] = (),
    members: Mapping[str, object] = MappingProxyType({}),
) -> Response:
    """One error, as problem+json, as a toast for htmx, or as a page."""
    if wants_json():
        return _problem(status, title, detail, code, errors, members)
    if htmx.is_partial():
        return _toast(status, detail)
    return make_response(_page(status, title, detail), status)


def _page(status: int, title: str, detail: str) -> str:
    """Without the context processors: this page must stand when the database does not. Whose page
    it is is asked for only where the fault is not ours."""
    theme = request.cookies.get("theme", "")
    return current_app.jinja_env.get_template("errors/error.html").render(
        status=status,
        title=title,
        detail=detail,
        error_id=short_id(request_id()),
        lang=saying.language_tag(),
        site=current_app.extensions["whose"](status < 500),
        theme=theme if theme in ("light", "dark") else "",
    )


def _problem(
    status: int,
    title: str,
    detail: str,
    code: str,
    errors: Sequence[dict[str, str]],
    members: Mapping[str, object],
) -> Response:
    body: dict[str, Any] = {
        "type": f"urn:clinic:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "error_id": request_id(),
        "errors": list(errors),
        **members,
    }
    response = make_response(jsonify(body), status)
    response.mimetype = "application/problem+json"
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _toast(status: int, detail: str) -> Response:
    response = make_response("", status)
    return htmx.trigger(response, toast={"text": detail, "kind": "error"})
