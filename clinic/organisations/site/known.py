"""What visitors read of the clinics, remembered: no page asks for it each time."""

import time

from sqlalchemy.exc import OperationalError

from clinic.core import running
from clinic.organisations.site.queries import Site, of_visitors

GOOD_FOR_S, AGAIN_AFTER_S = 60, 5


class Sites:
    """The memory of one app."""

    def __init__(self) -> None:
        self._site: Site | None = None
        self._version: int | None = None
        self._until = 0.0  # of the monotonic clock

    def known(self, version: int | None = None) -> Site:
        """`version` is that of all places, read by who asks: the same, it is good as long as that.

        Without it for a minute.
        """
        is_good = time.monotonic() < self._until if version is None else version == self._version
        if self._site is None or not is_good:
            try:
                return self._take(of_visitors(), version)
            except OperationalError:  # a page that needs no database stands without its foot, too
                return self._take(self.remembered(), None, AGAIN_AFTER_S)
        return self._site

    def _take(self, site: Site, version: int | None, good_for_s: int = GOOD_FOR_S) -> Site:
        if version is not None or site != self._site:  # what did not change is of that version yet
            self._version = version
        self._site, self._until = site, time.monotonic() + good_for_s
        return site

    def remembered(self) -> Site:
        """Asks nothing: for a page that says that the database is away."""
        return self._site or Site(running.settings().site_name)

    def clear(self) -> None:
        self._site = None
