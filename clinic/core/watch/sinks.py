"""Where lines of the log go: each is written to stdout and to logs/app.log, whole."""

import contextlib
import logging
import sys
import traceback
from collections.abc import Callable
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import TextIO


class Sinks(logging.Handler):
    """The one handler of all loggers: a line is made once, however many places it goes to."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__()
        self.stdout: TextIO = sys.stdout
        self.file = _file_in(folder) if folder else None

    def emit(self, record: logging.LogRecord) -> None:
        """A library's line; the product's own come by `write`."""
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
            return
        self.write(line)

    def write(self, line: str) -> None:
        text = line + "\n"
        self.acquire()
        try:
            _put(self._show, text)
            if self.file:  # also when nobody reads stdout any more
                _put(self.file.write, text)
        finally:
            self.release()

    def _show(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def close(self) -> None:
        if self.file:
            self.file.close()
        super().close()


def _put(sink: Callable[[str], None], text: str) -> None:
    """A full disk or a closed pipe must not fail who only tells of it."""
    try:
        sink(text)
    except Exception:
        if logging.raiseExceptions:
            with contextlib.suppress(OSError, ValueError):  # stderr is often the same closed pipe
                traceback.print_exc(file=sys.stderr)


class _File(WatchedFileHandler):
    """Watched: several processes append whole lines, and logrotate may move the file away."""

    def write(self, text: str) -> None:
        self.reopenIfNeeded()
        if self.stream:
            self.stream.write(text)
            self.stream.flush()


def _file_in(folder: Path) -> _File | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _File(folder / "app.log", encoding="utf-8")
    except OSError as error:  # a read-only container still logs to stdout
        print(f"logs are not kept in {folder}: {error.strerror}", file=sys.stderr)  # noqa: T201 - no log yet
        return None
