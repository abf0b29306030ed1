"""Where texts go: the countries of SMS_COUNTRIES, or else those of the organisations there are."""

import re
import time
from collections.abc import Collection
from functools import lru_cache

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db
from clinic.organisations.models import Organisation

GOOD_FOR_S = 60


class Telephones:
    """The policy of one app. Countries that were read are good for a minute; a number of another
    one is looked up anew, so that a country counts from its first organisation on."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._until = 0.0  # of the monotonic clock

    def serves(self, countries: Collection[str], in_force: str | None) -> bool:
        said = running.settings().countries_texted
        if said:
            return not said.isdisjoint(countries)
        if in_force in countries:
            return True
        if time.monotonic() < self._until and not self._known.isdisjoint(countries):
            return True
        return not self._read().isdisjoint(countries)

    def served(self, in_force: str | None) -> Collection[str]:
        said = running.settings().countries_texted
        return said or self._known | ({in_force} if in_force else set())

    def is_ours(self, number: str) -> bool:
        return number in _own(running.settings().our_numbers)

    def _read(self) -> frozenset[str]:
        active = sa.select(Organisation.country).where(Organisation.is_active).distinct()
        self._known = frozenset(db.session.scalars(active))
        self._until = time.monotonic() + GOOD_FOR_S
        return self._known


@lru_cache(maxsize=8)
def _own(numbers: tuple[str, ...]) -> frozenset[str]:
    return frozenset(re.sub(r"[^+0-9]", "", number) for number in numbers)
