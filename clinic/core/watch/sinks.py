"""Where lines of the log go: each is written to stdout and to logs/app.log, whole.

A place may fail: a full disk, a folder that is gone, a terminal that is closed or that nobody
reads. Then its lines are lost, and nobody waits for them. The other place says so once, and again
when it is back.
"""

import fcntl
import json
import logging
import os
import select
import stat
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from clinic.core import clock
from clinic.core.watch import terminal

STDOUT = 1
TRY_AGAIN_S = 5.0  # meanwhile a lost place costs its lines nothing
# A reader that is slow for a moment loses nothing; one that has stopped holds nobody up but once.
LONGEST_WAIT_MS = 500


class Sinks(logging.Handler):
    """The one handler of all loggers: a line is made once, however many places it goes to."""

    def __init__(self, folder: Path | None, sizes: "Sizes | None" = None) -> None:
        super().__init__()
        self.about = (sys.stdout, folder, sizes)
        self.places: list[Place] = [_place_of(sys.stdout)] if sys.stdout else []
        if folder:
            self.places.append(File(folder / "app.log", sizes or Sizes()))
            self._put("")  # so that a folder that cannot be written to is told at the start

    def goes_to(self, folder: Path | None, sizes: "Sizes") -> bool:
        return self.about == (sys.stdout, folder, sizes)

    def emit(self, record: logging.LogRecord) -> None:
        """A library's line; the product's own come by `write`."""
        try:
            line = self.format(record)
        except Exception:
            line = _notice("line_not_made", "error", error=traceback.format_exc(limit=-1))
        self.write(line)

    def write(self, line: str) -> None:
        self._put(line + "\n")

    def _put(self, text: str) -> None:
        self.acquire()
        try:
            notices = [told for place in self.places if (told := place.put(text))]
            for told in notices:  # seldom one
                for place in self.places:
                    if not place.is_lost:
                        place.put(told + "\n")
        finally:
            self.release()

    def close(self) -> None:
        for place in self.places:
            place.close()
        super().close()


class Place:
    """One that may fail. Subclasses say how a text gets there, and raise what went wrong."""

    name: str

    def __init__(self) -> None:
        self.lines_lost = 0
        self.is_lost = False
        self.try_again_at = 0.0  # of time.monotonic
        self.is_broken_off = False  # its last line, by a disk that was full in the middle of it

    def put(self, text: str) -> str | None:
        """Returns what is to be said about it: that it is lost, or back. Never fails."""
        if self.is_lost and time.monotonic() < self.try_again_at:
            self.lines_lost += 1
            return None
        try:
            self.send(text)
        except (OSError, ValueError) as error:  # the latter for a stream that was closed
            return self._lost(error, text)
        return self._back() if self.is_lost else None

    def send(self, text: str) -> None:
        raise TypeError(f"{type(self).__name__} does not say how a text gets there")

    def close(self) -> None:
        """Give back what it holds."""

    def append(self, file: int, text: str) -> None:
        data = (("\n" if self.is_broken_off else "") + text).encode("utf-8", "backslashreplace")
        sent = self.write_some(file, data)
        self.is_broken_off = sent < len(data)
        while self.is_broken_off:
            data = data[sent:]
            sent = self.write_some(file, data)
            self.is_broken_off = sent < len(data)

    def write_some(self, file: int, data: bytes) -> int:
        return os.write(file, data)

    def _lost(self, error: OSError | ValueError, text: str) -> str | None:
        was_lost, self.is_lost = self.is_lost, True
        self.lines_lost += bool(text)
        self.try_again_at = time.monotonic() + TRY_AGAIN_S
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return None if was_lost else _notice(f"{self.name}_lost", "error", error=reason)

    def _back(self) -> str:
        lost, self.lines_lost, self.is_lost = self.lines_lost, 0, False
        return _notice(f"{self.name}_back", "warning", lines_lost=lost)


class Stdout(Place):
    name = "stdout"

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream
        self.pipe = _own_end_of(stream)

    def send(self, text: str) -> None:
        if self.pipe is not None:
            self.append(self.pipe, text)
            return
        self.stream.write(text)
        self.stream.flush()

    def write_some(self, file: int, data: bytes) -> int:
        try:
            return super().write_some(file, data)
        except BlockingIOError:
            if self.is_lost or not _has_room(file):
                raise
            return 0

    def close(self) -> None:
        if self.pipe is not None:
            os.close(self.pipe)
            self.pipe = None


class Terminal(Stdout):
    """Somebody reads it: the file has the same lines as JSON."""

    def send(self, text: str) -> None:
        super().send(terminal.readable(text))


def _place_of(stream: TextIO) -> Stdout:
    return Terminal(stream) if stream.isatty() else Stdout(stream)


def _own_end_of(stream: TextIO) -> int | None:
    """If stdout is a pipe, another end of it, which fails instead of waiting for who reads it.

    The end that we were given may be others' as well: it is left as it is.
    """
    try:
        if stream.fileno() != STDOUT or not stat.S_ISFIFO(os.fstat(STDOUT).st_mode):
            return None
        path = f"/proc/self/fd/{STDOUT}"
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):  # no file at all, or no /proc, or somebody else's pipe
        return None


def _has_room(pipe: int) -> bool:
    """Perhaps after a moment: who reads may be slow."""
    poll = select.poll()
    poll.register(pipe, select.POLLOUT)
    return bool(poll.poll(LONGEST_WAIT_MS))


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the file may grow, and how many older ones are kept beside it."""

    most_bytes: int = 0  # 0: somebody else sees to it
    kept: int = 0


class File(Place):
    """Many processes append whole lines to it. Any of them may move it away, and so may others."""

    name = "log_file"

    def __init__(self, path: Path, sizes: Sizes) -> None:
        super().__init__()
        self.path, self.sizes = path, sizes
        self.file: int | None = None
        self.inode = 0
        self.turn_over_at = 0.0  # of time.monotonic

    def send(self, text: str) -> None:
        found = self._found()
        if found and 0 < self.sizes.most_bytes <= found.st_size:
            self._turn_over()
            found = self._found()
        if self.file is None or found is None or found.st_ino != self.inode:
            self.file = self._opened()
        self.append(self.file, text)

    def close(self) -> None:
        if self.file is not None:
            os.close(self.file)
            self.file = None

    def _found(self) -> os.stat_result | None:
        try:
            return os.stat(self.path)
        except FileNotFoundError:
            return None

    def _opened(self) -> int:
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        how = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        file = os.open(self.path, how, 0o600)
        self.inode = os.fstat(file).st_ino
        return file

    def _turn_over(self) -> None:
        """Move app.log to app.log.1, and the older ones on. Where that fails it goes on growing."""
        if time.monotonic() < self.turn_over_at:
            return
        try:
            # A descriptor of its own: what a fork has copied would go on holding the lock.
            with self.path.open("rb") as locked:
                fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(locked.fileno()).st_ino == os.stat(self.path).st_ino:
                    self._move_on()
        except OSError:  # among them: another process is doing it
            self.turn_over_at = time.monotonic() + TRY_AGAIN_S

    def _move_on(self) -> None:
        names = [self.path, *(Path(f"{self.path}.{n}") for n in range(1, self.sizes.kept + 1))]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)
        if not self.sizes.kept:
            self.path.unlink()


def _notice(event: str, level: str, **about: object) -> str:
    """As the lines beside it look; made by hand, since it tells of the log itself."""
    line = {**about, "event": event, "level": level, "logger": __name__}
    return json.dumps(line | {"timestamp": clock.now().isoformat().replace("+00:00", "Z")})
