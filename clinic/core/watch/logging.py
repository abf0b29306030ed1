"""A line for each request: never a path, a query or a person."""

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request
from flask_login import current_user

log = structlog.get_logger()

GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = ("core.health", "core.ready", "core.show_metrics", "static")


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    if request.endpoint in QUIET and response.status_code < 500:
        return response
    log.info(
        "request",
        method=method_word(),
        route=route_template(),
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1),
        user_id=str(current_user.id) if current_user.is_authenticated else None,
    )
    return response


def method_word() -> str:
    """One of ours, or `other`: anything may be sent as a method, a page of text as well."""
    return request.method if request.method in METHODS else "other"


def route_template() -> str:
    """The rule, never the path: tokens and ids live in paths."""
    return request.url_rule.rule if request.url_rule else "unmatched"
