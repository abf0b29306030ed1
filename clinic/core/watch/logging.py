"""One JSON object per line, on stdout and in logs/app.log; never a path, a query or a person."""

import logging
import re
import time
import uuid
from pathlib import Path
from typing import Any, NoReturn

import structlog
from flask import Flask, Response, g, request
from flask_login import current_user
from structlog.typing import EventDict

from clinic.core.watch.sinks import Sinks

log = structlog.get_logger()

GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
VALUES = re.compile(r"DETAIL: .*")
QUIET = ("core.health", "core.ready", "core.show_metrics", "static")

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _without_values(_logger: Any, _name: str, line: EventDict) -> EventDict:
    """PostgreSQL tells which value broke a rule, and that may be somebody's address."""
    if "exception" in line:
        line["exception"] = VALUES.sub("DETAIL: (left out)", line["exception"])
    return line


_RENDERED: list[Any] = [
    structlog.processors.format_exc_info,
    _without_values,
    structlog.processors.JSONRenderer(),
]


def _write(_logger: Any, _name: str, line: str) -> NoReturn:
    """Past `logging`, which would make a record of the line and take it apart again."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, Sinks):
            handler.write(line)
    raise structlog.DropEvent


_OURS: list[Any] = [structlog.stdlib.filter_by_level, *_SHARED, *_RENDERED, _write]


def configure(level: str, folder: Path | None) -> None:
    """Make JSON of the product's and the libraries' lines, in one way."""
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old, Sinks):
            root.removeHandler(old)
            old.close()
    sinks = Sinks(folder)
    sinks.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_RENDERED],
        )
    )
    root.addHandler(sinks)
    root.setLevel(level)
    for chatty in ("rq.worker", "rq_scheduler.scheduler", "werkzeug", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    structlog.configure(
        processors=_OURS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


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
        method=request.method,
        route=route_template(),
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1),
        user_id=str(current_user.id) if current_user.is_authenticated else None,
    )
    return response


def route_template() -> str:
    """The rule, never the path: tokens and ids live in paths."""
    return request.url_rule.rule if request.url_rule else "unmatched"
