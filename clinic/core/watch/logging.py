"""One JSON object per line, on stdout and in logs/app.log; never a path, a query or a person."""

import logging
import re
import sys
import time
import uuid
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_login import current_user
from structlog.typing import EventDict

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


def configure(level: str, folder: Path | None) -> None:
    """Send the product's and the libraries' lines through one JSON formatter."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _without_values,
            structlog.processors.JSONRenderer(),
        ],
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        if getattr(old, "from_clinic", False):
            root.removeHandler(old)
            old.close()
    for handler in _handlers(folder):
        handler.setFormatter(formatter)
        handler.from_clinic = True  # type: ignore[attr-defined]
        root.addHandler(handler)
    root.setLevel(level)
    for chatty in ("rq.worker", "rq_scheduler.scheduler", "werkzeug", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _without_values(_logger: Any, _name: str, line: EventDict) -> EventDict:
    """PostgreSQL tells which value broke a rule, and that may be somebody's address."""
    if "exception" in line:
        line["exception"] = VALUES.sub("DETAIL: (left out)", line["exception"])
    return line


def _handlers(folder: Path | None) -> list[logging.Handler]:
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
    if folder is None:
        return handlers
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Watched: several processes append whole lines, and logrotate may move the file away.
        handlers.append(WatchedFileHandler(folder / "app.log", encoding="utf-8", delay=True))
    except OSError as error:  # a read-only container still logs to stdout
        print(f"logs are not kept in {folder}: {error.strerror}", file=sys.stderr)  # noqa: T201 - no log yet
    return handlers


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
