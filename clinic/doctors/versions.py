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
from clinic.core.data.paging import Paging, asked_of, cut, paged
from clinic.core.data.trips.together import Row, Together, Values
from clinic.doctors.models import Doctor
from clinic.doctors.search.narrowing import IS_LISTED, Search, narrowed, values_of
from clinic.organisations import queries as organisations
from clinic.organisations.models import Organisation

PAGE = 10  # doctors
MOST_RANKED = 100  # doctors that are put in the order of their first free times
# How what stands for a time begins in a cursor; a name begins with no capital, they are folded.
A_TIME, NO_TIME = "T", "Z"

Version = tuple[int, int]  # the doctor's own, and that of where they work


@dataclass(frozen=True, slots=True)
class Listed:
    id: UUID
    version: Version
    of_choices: int  # the version of all that one may narrow by
    sort_name: str


@dataclass(frozen=True, slots=True)
class OfOne:
    who: InBrowser | None  # whose session it is, unless it was ended
    version: Version | None  # of a doctor who can be found
    organisation_id: UUID | None  # where they work


@dataclass(frozen=True, slots=True)
class Directory:
    """Doctors in the order of their names: one page of them, or else all, still to be ranked."""

    who: InBrowser | None
    listed: list[Listed]
    is_by_name: bool  # they are too many to be ranked
    next_cursor: str | None  # of a page by name
    after: tuple[str, UUID] | None  # the last one of the page before, of those to be ranked


# What a page shows of a doctor is the same as long as both versions are.
_VERSIONS = (
    sa.select(Doctor.diary_version, Organisation.diary_version, Doctor.organisation_id)
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
    organisations.VERSION_OF_PLACES.scalar_subquery().label("of_choices"),
)


def of_one(doctor_id: UUID, token: str | None = None) -> OfOne:
    """`token` is a browser's, of a session that may have ended."""
    rows, who = _ask(_BY_NOBODY, _BY_SOMEBODY, {"doctor_id": doctor_id}, token)
    if not rows:
        return OfOne(who, None, None)
    of_doctor, of_organisation, organisation_id = rows[0]
    return OfOne(who, (of_doctor, of_organisation), organisation_id)


def directory(asked: Search, cursor: str | None, token: str | None = None) -> Directory:
    """The doctors of `queries.search`, without what is shown of them. Raises BadCursor."""
    wanted, most = values_of(asked), Paging(MOST_RANKED, cursor)
    read = asked_of(most, Doctor.sort_name)
    after = (read.pop("after"), read.pop("after_id")) if cursor else None
    values, is_of_name = wanted | read, False
    if after and after[0][:1] not in (A_TIME, NO_TIME):
        values, is_of_name = values | {"after": after[0], "after_id": after[1]}, True
    rows, who = _ask(*_directories(tuple(wanted), is_of_name), values, token)
    # The rows of a union stand in no order that could be relied upon.
    rows = sorted(rows, key=itemgetter(0))
    is_by_name = is_of_name or len(rows) > MOST_RANKED
    page = cut(rows, Paging(PAGE) if is_by_name else most)
    listed = [_listed(row) for row in page.items]
    return Directory(who, listed, is_by_name, page.next_cursor, None if is_by_name else after)


def _listed(row: Row) -> Listed:
    _, doctor_id, of_doctor, of_organisation, of_choices, sort_name, *_ = row
    return Listed(doctor_id, (of_doctor, of_organisation), of_choices, sort_name)


def _ask(
    by_nobody: Together, by_somebody: Together, values: Values, token: str | None
) -> tuple[Sequence[Row], InBrowser | None]:
    """The rows of what is shown, and who that is."""
    if token is None:
        return by_nobody.ask(values)["shown"], None
    rows = by_somebody.ask({**values, **browsers.asked(token)})
    return rows["shown"], browsers.in_browser(token, rows["who"])


@cache  # of four ways to narrow, five things said in a spelling or two, own clinics, and pages
def _directories(wanted: tuple[str, ...], is_later: bool) -> tuple[Together, Together]:
    """To put such a statement together costs more than to ask it."""
    found = paged(narrowed(_LISTED, wanted), Doctor.sort_name, Doctor.id, is_later).subquery()
    place = sa.func.row_number(type_=sa.Integer).over(
        order_by=(found.c["_order"], found.c["_identity"])
    )
    read: sa.Select[Any] = sa.select(place.label("place"), *found.c)
    return Together(shown=read), Together(who=browsers.WHO, shown=read)
