"""What a page about doctors asks ahead of all else: the versions of what it shows.

With who looks at it in the same statement, if a browser says that somebody does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.sessions import browsers
from clinic.accounts.sessions.browsers import InBrowser
from clinic.core.data.paging import Page, Paging, asked_of, cut, paged
from clinic.core.data.trips.together import Row, Together, Values
from clinic.doctors.models import Doctor
from clinic.doctors.queries import IS_LISTED, Search, narrowed, values_of
from clinic.organisations import queries as organisations
from clinic.organisations.models import Organisation

Version = tuple[int, int]  # the doctor's own, and that of where they work


@dataclass(frozen=True, slots=True)
class Listed:
    id: UUID
    version: Version
    of_places: int  # the version of all places that one may ask for


@dataclass(frozen=True, slots=True)
class OfOne:
    who: InBrowser | None  # whose session it is, unless it was ended
    version: Version | None  # of a doctor who can be found


@dataclass(frozen=True, slots=True)
class Directory:
    who: InBrowser | None
    page: Page[Listed]


# What a page shows of a doctor is the same as long as both versions are.
_VERSIONS = (
    sa.select(Doctor.diary_version, Organisation.diary_version)
    .join(Organisation, Organisation.id == Doctor.organisation_id)
    .where(*IS_LISTED)
)
_VERSION = _VERSIONS.where(Doctor.id == sa.bindparam("doctor_id", type_=sa.Uuid))
_BY_NOBODY = Together(shown=_VERSION)
_BY_SOMEBODY = Together(who=browsers.WHO, shown=_VERSION)
_LISTED = _VERSIONS.with_only_columns(
    Doctor.id,
    Doctor.diary_version,
    Organisation.diary_version.label("of_organisation"),
    organisations.VERSION_OF_PLACES.scalar_subquery().label("of_places"),
)


def of_one(doctor_id: UUID, token: str | None = None) -> OfOne:
    """`token` is a browser's, of a session that may have ended."""
    rows, who = _ask(_BY_NOBODY, _BY_SOMEBODY, {"doctor_id": doctor_id}, token)
    return OfOne(who, (rows[0][0], rows[0][1]) if rows else None)


def directory(asked: Search, paging: Paging, token: str | None = None) -> Directory:
    """The doctors of `queries.search`, without what is shown of them. Raises BadCursor."""
    wanted = values_of(asked)
    values = wanted | asked_of(paging, Doctor.sort_name)
    rows, who = _ask(*_directories(tuple(wanted), bool(paging.cursor)), values, token)
    # The rows of a union stand in no order that could be relied upon.
    page = cut(sorted(rows, key=itemgetter(0)), paging)
    return Directory(who, page.of(lambda rows: [_listed(row) for row in rows]))


def _listed(row: Row) -> Listed:
    _, doctor_id, of_doctor, of_organisation, of_places, *_ = row
    return Listed(doctor_id, (of_doctor, of_organisation), of_places)


def _ask(
    by_nobody: Together, by_somebody: Together, values: Values, token: str | None
) -> tuple[Sequence[Row], InBrowser | None]:
    """The rows of what is shown, and who that is."""
    if token is None:
        return by_nobody.ask(values)["shown"], None
    rows = by_somebody.ask({**values, **browsers.asked(token)})
    return rows["shown"], browsers.in_browser(token, rows["who"])


@cache  # of four ways to narrow, and first pages or later ones, there are 32
def _directories(wanted: tuple[str, ...], is_later: bool) -> tuple[Together, Together]:
    """To put such a statement together costs more than to ask it."""
    found = paged(narrowed(_LISTED, wanted), Doctor.sort_name, Doctor.id, is_later).subquery()
    place = sa.func.row_number(type_=sa.Integer).over(
        order_by=(found.c["_order"], found.c["_identity"])
    )
    read: sa.Select[Any] = sa.select(place.label("place"), *found.c)
    return Together(shown=read), Together(who=browsers.WHO, shown=read)
