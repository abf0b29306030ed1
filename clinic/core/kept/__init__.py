"""Parts of pages that were rendered, kept in the process by everything that made them so."""

from collections.abc import Callable, Hashable

from flask import Flask, current_app, request

from clinic.core import clock, saying
from clinic.core.kept.store import Parts, Store

__all__ = ["Parts", "Shelf", "init_app"]


def init_app(app: Flask) -> None:
    app.extensions["kept"] = Store()


class Shelf:
    """The store as one request sees it: in its language, at the instant it began to read."""

    def __init__(self) -> None:
        now = clock.now()
        self._store: Store = current_app.extensions["kept"]
        self._minute = now.replace(second=0, microsecond=0)
        # Slots begin at whole minutes. At the minute one more may be offered at the far end, and
        # only after it one less at the near end: the instant between is a time of its own.
        self._about = (str(saying.locale()), request.root_path, now == self._minute)

    def find(self, key: Hashable) -> Parts | None:
        return self._store.get(self._minute, (key, self._about))

    def keep(self, key: Hashable, parts: Parts) -> Parts:
        self._store.put(self._minute, (key, self._about), parts)
        return parts

    def take(self, key: Hashable, make: Callable[[], Parts]) -> Parts:
        """What was kept of that, or else what `make` renders now.

        `key` names all that is read for it, first of all a version that was read before the rest:
        what is rendered is then never older than its key.
        """
        found = self.find(key)
        return self.keep(key, make()) if found is None else found
