"""A bounded heap of texts that are good for a minute."""

import sys
from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from threading import Lock

Parts = tuple[str | None, ...]  # one thing may be several texts: a title, and what stands below it
MOST_BYTES = 8 * 1024 * 1024  # of a process


class Store:
    """Texts by key, each good for one minute of the clock. The least used leave first.

    Nothing in it is anybody's own: a key that several people may share holds what all of them see.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._bytes = 0
        self._minute: datetime | None = None
        self._parts: OrderedDict[Hashable, tuple[Parts, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, minute: datetime, key: Hashable) -> Parts | None:
        with self._lock:
            if minute != self._minute:
                self._empty(minute)
                return None
            found = self._parts.get(key)
            if found is None:
                return None
            self._parts.move_to_end(key)
            return found[0]

    def put(self, minute: datetime, key: Hashable, parts: Parts) -> None:
        # What stands in a key counts as well: a query may be longer than what it finds.
        size = sum(map(sys.getsizeof, (repr(key), *parts)))
        with self._lock:
            if minute != self._minute or key in self._parts:
                return
            self._parts[key] = (parts, size)
            self._bytes += size
            while self._bytes > self.most_bytes:
                _, (_, left) = self._parts.popitem(last=False)
                self._bytes -= left

    def clear(self) -> None:
        with self._lock:
            self._empty(None)

    def __len__(self) -> int:
        return len(self._parts)

    def _empty(self, minute: datetime | None) -> None:
        self._minute, self._bytes = minute, 0
        self._parts.clear()
