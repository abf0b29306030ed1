"""How much of a request has come, and how long the rest may take.

It is looked at while no thread waits for it: only to know when one is worth its while. What the
bytes mean is for gunicorn's parser; whatever it reads otherwise than we do here, it reads with
patience (`patience.py`).
"""

import re
import time
from enum import Enum, auto

HEAD_WITHIN_S = 10.0
BODY_WITHIN_S = 20.0  # from the end of the head
LARGEST_HEAD = 64 * 1024
WHOLE_UP_TO = 256 * 1024  # bytes; of a longer body that much, the rest is read by a thread
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*(\d{1,18})")
READ_BY_A_THREAD = (b"\r\ntransfer-encoding", b"\r\nexpect")  # without a length, or asking first


class State(Enum):
    WAITS = auto()
    WHOLE = auto()  # as whole as it needs to be to get a thread
    TOO_LARGE = auto()
    GONE = auto()  # who sent it


class Arrival:
    """One request's bytes, as far as they have come."""

    def __init__(self, data: bytes = b"") -> None:
        """`data` came together with the request before."""
        self.data = bytearray()
        self.deadline = time.monotonic() + HEAD_WITHIN_S
        self.has_head = False
        self.has_body = False
        self.leaves_more = False  # to be read by a thread
        self.wanted = 0  # bytes, once the head is here
        self.state = State.WAITS
        self.take(data)

    def take(self, data: bytes) -> State:
        seen = max(0, len(self.data) - len(END_OF_HEAD) + 1)
        self.data += data
        if not self.has_head:
            self._look_for_head(seen)
        if self.has_head and len(self.data) >= self.wanted:
            self.state = State.WHOLE
        return self.state

    @property
    def awaited(self) -> str:
        return "body" if self.has_head else "head"

    def _look_for_head(self, seen: int) -> None:
        end = self.data.find(END_OF_HEAD, seen)
        if end >= 0:
            self.has_head = True
            length = _length_of_body(bytes(self.data[:end]))
            self.has_body = length != 0
            self.leaves_more = length is None or length > WHOLE_UP_TO
            self.wanted = end + len(END_OF_HEAD) + min(length or 0, WHOLE_UP_TO)
            self.deadline = time.monotonic() + BODY_WITHIN_S
        elif len(self.data) > LARGEST_HEAD:
            self.state = State.TOO_LARGE


def _length_of_body(head: bytes) -> int | None:
    """None if nobody knows yet."""
    head = head.lower()
    if any(name in head for name in READ_BY_A_THREAD):
        return None
    found = LENGTH.search(head) if b"\r\ncontent-length" in head else None
    return int(found[1]) if found else 0
