"""Which doctors a search finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core import saying
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


def _is_said(number: int) -> sa.ColumnElement[bool]:
    """In the name, or one of the specialties that are meant, which stand between commas."""
    meant = sa.bindparam(f"meant_{number}", type_=sa.String)
    of_doctor = sa.literal("%,").concat(DoctorSpecialisation.specialisation).concat(",%")
    return sa.or_(
        Doctor.sort_name.like(sa.bindparam(f"said_{number}"), escape="/"),
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
    **{f"said_{number}": _is_said(number) for number in range(meaning.MOST_SAID)},
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
    if len(q) < 2:
        return {}
    found: dict[str, str] = {}
    for number, one in enumerate(meaning.understood(q)):
        text = one.text.replace("/", "//").replace("%", "/%").replace("_", "/_")
        found[f"said_{number}"] = f"%{text}%"
        found[f"meant_{number}"] = f",{','.join(sorted(one.specialisations))},"
    return found


def narrowed(
    query: sa.Select[*tuple[Any, ...]], wanted: Iterable[str]
) -> sa.Select[*tuple[Any, ...]]:
    """By those of the names of `values_of` that are wanted."""
    return query.where(*(_NARROWING[name] for name in wanted if name in _NARROWING))
