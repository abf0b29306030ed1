"""A socket that keeps a thread waiting for so long, and only a few threads at once.

Bytes that are there are taken, and those there is room for are sent, as by any socket. Who must be
waited for gets 20 seconds over a request and its answer, and more with each byte that moves; the
time between (an idle stream, work on an answer) does not count. However many clients are slow,
`MOST_WAITING` threads of a process wait for them: the others have pages to answer.
"""

import errno
import os
import select
import socket
import threading
import time
from typing import Self

import structlog

from clinic.core.errors import N_, TooSlow, Unavailable
from clinic.core.watch.metrics import CLIENTS_CUT

log = structlog.get_logger()

PATIENCE_S = 20.0
SLOWEST_BYTES_A_S = 8 * 1024
MOST_WAITING = 16  # threads; half of those that streams leave to pages
FOR_A_PLACE_S = 0.5

_places = threading.BoundedSemaphore(MOST_WAITING)


def give_up(awaited: str) -> None:
    """Tell that a client was cut off: what was waited for, and nothing of who it was."""
    CLIENTS_CUT.labels(awaited).inc()
    log.info("client_cut", awaited=awaited)


class PatientSocket(socket.socket):
    """Patient while it blocks; what is asked of it without blocking it does as ever."""

    @classmethod
    def of(cls, accepted: socket.socket) -> Self:
        family, kind, protocol = accepted.family, accepted.type, accepted.proto
        patient = cls(family, kind, protocol, fileno=accepted.detach())
        patient.expect_request()
        return patient

    def expect_request(self) -> None:
        self.waited_s = 0.0
        self.moved = 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Raises TooSlow and Unavailable, which become an answer; with a time-out TimeoutError."""
        within_s = self.gettimeout()
        if within_s == 0:
            return super().recv(size, flags)
        if within_s is not None:  # gunicorn looks for leftovers
            self._wait_for_leftovers(within_s)
            return super().recv(size, flags)
        while True:
            try:
                data = super().recv(size, flags | socket.MSG_DONTWAIT)
            except BlockingIOError:
                self._wait_for_body()
            else:
                self.moved += len(data)
                return data

    def sendall(self, data: bytes, flags: int = 0) -> None:  # type: ignore[override]
        """Raises BrokenPipeError, as if the client had gone."""
        if self.gettimeout() is not None:
            return super().sendall(data, flags)
        sent = self._send_what_fits(data)
        while sent < len(data):
            if not self._wait(select.POLLOUT, self._patience_left()):
                give_up("answer")
                raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
            sent += self._send_what_fits(memoryview(data)[sent:])
        return None

    def _send_what_fits(self, data: bytes | memoryview) -> int:
        try:
            sent = super().send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0
        self.moved += sent
        return sent

    def _wait_for_body(self) -> None:
        left_s = self._patience_left()
        if left_s > 0 and self._wait(select.POLLIN, left_s):
            return
        give_up("body")
        if self._patience_left() > 0:
            raise Unavailable(N_("Too many large uploads are on their way. Try again in a moment."))
        raise TooSlow(N_("What you sent did not arrive in time. Please send it again."))

    def _wait_for_leftovers(self, within_s: float) -> None:
        if not self._wait(select.POLLIN, within_s):
            raise TimeoutError

    def _patience_left(self) -> float:
        return PATIENCE_S + self.moved / SLOWEST_BYTES_A_S - self.waited_s

    def _wait(self, event: int, within_s: float) -> bool:
        """Whether something happened within that time, and within our patience with others."""
        poll = select.poll()
        poll.register(self, event)
        if poll.poll(0):
            return True
        if within_s <= 0 or not _places.acquire(timeout=FOR_A_PLACE_S):
            return False
        began = time.monotonic()
        try:
            return bool(poll.poll(within_s * 1000))
        finally:
            _places.release()
            self.waited_s += time.monotonic() - began
