"""Slow work takes turns: so many at once in a process, a few wait, the others are told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from clinic.core.errors import Unavailable


class Turns:
    """`most` at once; up to `waiting` others wait `wait_s` for a turn. All others hear 503.

    Whoever waits holds a thread of the server: without a bound, slow work would take them all.
    """

    def __init__(self, most: int, wait_s: float, waiting: int) -> None:
        self.wait_s = wait_s
        self._turns = threading.BoundedSemaphore(most)
        self._places = threading.BoundedSemaphore(most + waiting)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises Unavailable when no turn comes in time."""
        if not self._places.acquire(blocking=False):
            raise Unavailable
        try:
            if not self._turns.acquire(timeout=self.wait_s):
                raise Unavailable
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()
