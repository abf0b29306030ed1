"""Which doctors a search finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core import saying
from clinic.core.text import fold, respelt
from clinic.doctors import vocabulary
from clinic.doctors.models import Doctor, DoctorLanguage, DoctorSpecialisation
from clinic.doctors.search import meaning
from clinic.organisations.models import Organisation
from clinic.schedules.models import Schedule


@dataclass(frozen=True, slots=True)
class Search:
    """What the visitor asked for; None or "" means any."""

    specialisation: str = ""
    location: UUID | None = None
    language: str = ""
    q: str = ""  # names, specialties and complaints, as people say them
    organisation: UUID | None = None  # for those who book for their own


IS_LISTED = (Doctor.is_active, Organisation.is_active)


def _has(table: type[DoctorSpecialisation | DoctorLanguage], column: Any) -> sa.Exists:
    return sa.exists().where(table.doctor_id == Doctor.id, column == sa.bindparam(column.key))


def _is_said(number: int, *names: str) -> sa.ColumnElement[bool]:
    """In the name, or one of the specialties that are meant, which stand between commas.

    `names` are the parameters with the spellings of the name.
    """
    meant = sa.bindparam(f"meant_{number}", type_=sa.String)
    of_doctor = sa.literal("%,").concat(DoctorSpecialisation.specialisation).concat(",%")
    return sa.or_(
        *(Doctor.sort_name.like(sa.bindparam(name), escape="/") for name in names),
        sa.exists().where(DoctorSpecialisation.doctor_id == Doctor.id, meant.like(of_doctor)),
    )


_NARROWING: dict[str, sa.ColumnElement[bool]] = {
    "specialisation": _has(DoctorSpecialisation, DoctorSpecialisation.specialisation),
    "language": _has(DoctorLanguage, DoctorLanguage.language),
    "location": sa.exists().where(
        Schedule.doctor_id == Doctor.id,
        Schedule.location_id == sa.bindparam("location", type_=sa.Uuid),
        Schedule.withdrawn_at.is_(None),
    ),
    "organisation": Doctor.organisation_id == sa.bindparam("organisation", type_=sa.Uuid),
    **{f"said_{one}": _is_said(one, f"said_{one}") for one in range(meaning.MOST_SAID)},
    **{
        f"spelt_{one}": _is_said(one, f"spelt_{one}", f"or_{one}")
        for one in range(meaning.MOST_SAID)
    },
}


def values_of(asked: Search) -> dict[str, Any]:
    """What is asked for, by the names of the parameters in `narrowed`."""
    wanted: dict[str, Any] = {}
    if asked.specialisation:
        # An unknown word is kept: it finds nobody.
        slug = vocabulary.specialisation(asked.specialisation)
        wanted["specialisation"] = slug or asked.specialisation
    if asked.language:
        wanted["language"] = saying.language_code(asked.language) or asked.language
    if asked.location:
        wanted["location"] = asked.location
    if asked.organisation:
        wanted["organisation"] = asked.organisation
    return wanted | _values_said(asked.q)


def _values_said(q: str) -> dict[str, str]:
    """Where one of the things said may be spelt in two ways, all are asked for so: that there are
    few statements."""
    if len(q) < 2:
        return {}
    said = meaning.understood(q)
    names = [_folded(one.text) for one in said]
    others = [respelt(name) for name in names]
    found: dict[str, str] = {}
    for number, (one, name, other) in enumerate(zip(said, names, others, strict=True)):
        found[f"meant_{number}"] = f",{','.join(sorted(one.specialisations))},"
        if any(others):
            found[f"spelt_{number}"] = _anywhere(name)
            found[f"or_{number}"] = _anywhere(other or name)
        else:
            found[f"said_{number}"] = _anywhere(name)
    return found


def _folded(text: str) -> str:
    """As names are kept; signs that stand in no name find nobody."""
    return fold(text) if text.strip("%_") == text and fold(text) else text


def _anywhere(text: str) -> str:
    return f"%{text.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"


def narrowed(
    query: sa.Select[*tuple[Any, ...]], wanted: Iterable[str]
) -> sa.Select[*tuple[Any, ...]]:
    """By those of the names of `values_of` that are wanted."""
    return query.where(*(_NARROWING[name] for name in wanted if name in _NARROWING))
