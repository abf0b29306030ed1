"""One JSON object per line, on stdout and in logs/app.log, of the product and of its libraries.

Without Flask: the scheduler logs too.
"""

import logging
import re
from pathlib import Path
from typing import Any, NoReturn

import structlog
from structlog.typing import EventDict

from clinic.config import Settings
from clinic.core.watch.sinks import Sinks, Sizes

VALUES = re.compile(r"DETAIL: .*")

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


def configure_by(settings: Settings) -> None:
    folder = None if settings.environment == "testing" else settings.log_dir
    sizes = Sizes(settings.log_max_mb * 1024 * 1024, settings.log_kept)
    configure(settings.log_level, folder, sizes)
    if settings.sql_echo:  # not by SQLAlchemy's `echo`, which prints each statement once more
        logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)


def configure(level: str, folder: Path | None, sizes: Sizes | None = None) -> None:
    """Make JSON of the product's and the libraries' lines, in one way."""
    root = logging.getLogger()
    sinks = _sinks(root, folder, sizes or Sizes())
    sinks.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_RENDERED],
        )
    )
    root.setLevel(level)
    for chatty in ("rq.worker", "rq_scheduler.scheduler", "werkzeug", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    structlog.configure(
        processors=_OURS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _sinks(root: logging.Logger, folder: Path | None, sizes: Sizes) -> Sinks:
    """Those that are there, if they go to the same places: what was said of one is not repeated."""
    for old in root.handlers[:]:
        if not isinstance(old, Sinks):
            continue
        if old.goes_to(folder, sizes):
            return old
        root.removeHandler(old)
        old.close()
    sinks = Sinks(folder, sizes)
    root.addHandler(sinks)
    return sinks
