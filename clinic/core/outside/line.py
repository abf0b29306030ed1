"""A connection that ends at its time, however slowly the other side speaks."""

import io
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence

Resolver = Callable[[str, int], Sequence[str]]
LookUp = Callable[[], Sequence[str]]


class TooLarge(OSError):
    """More came than anybody asked for."""


class Deadline:
    """`seconds` from now on, for all steps together."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds

    def left(self) -> float:
        """Raises TimeoutError when there is nothing left."""
        seconds = self.ends - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


def look_up(host: str, port: int) -> Sequence[str]:
    """Every address of a name, by the machine's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def in_time(ask: LookUp, deadline: Deadline) -> Sequence[str]:
    """The resolver knows no time-out, so it is waited for no longer than that.

    Raises TimeoutError, and what `ask` raises of OSError and UnicodeError.
    """
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(ask())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=run, daemon=True, name="look-up").start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class Line:
    """What `http.client` reads an answer from: a socket, but for as long as it may take."""

    def __init__(self, there: socket.socket, deadline: Deadline, most_bytes: int) -> None:
        self.there = there
        self.deadline = deadline
        self.most_bytes = most_bytes

    def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self.there.settimeout(self.deadline.left())
            rest = rest[self.there.send(rest) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self))


class _Incoming(io.RawIOBase):
    """Each piece has only what is left of the time, and all of them only so many bytes."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.came = 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: object) -> int:
        self.line.there.settimeout(self.line.deadline.left())
        count = self.line.there.recv_into(into)  # type: ignore[arg-type]
        self.came += count
        if self.came > self.line.most_bytes:
            raise TooLarge
        return count
