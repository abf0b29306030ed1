"""The directory, and one doctor's profile."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.doctors import vocabulary
from clinic.doctors.models import Doctor, DoctorLanguage, DoctorSpecialisation
from clinic.organisations.models import Location, Organisation

PAGE = 10

# A room above this one, by table name only: where a doctor holds surgery.
_schedules = sa.table(
    "schedules",
    sa.column("doctor_id", sa.Uuid),
    sa.column("location_id", sa.Uuid),
    sa.column("withdrawn_at"),
)


@dataclass(frozen=True, slots=True)
class Search:
    """What the visitor asked for; None or "" means any."""

    specialisation: str = ""
    location: UUID | None = None
    language: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    id: UUID
    user_id: UUID
    organisation_id: UUID
    name: str
    specialisations: tuple[str, ...]
    languages: tuple[str, ...]
    places: tuple[str, ...]
    years_experience: int
    bio: str
    licence_number: str
    contact_phone: str | None
    organisation: str
    organisation_phone: str | None
    emergency_number: str

    @property
    def title(self) -> str:
        """`Cardiology, 14 years`, for people."""
        words = vocabulary.titles(list(self.specialisations))
        return f"{words}, {self.years_experience} years" if self.years_experience else words

    @property
    def speciality(self) -> str:
        return vocabulary.titles(list(self.specialisations))

    @property
    def speaks(self) -> str:
        return vocabulary.language_names(list(self.languages))


def search(
    asked: Search, after: tuple[str, UUID] | None = None, limit: int = PAGE
) -> list[Profile]:
    """Up to `limit` + 1 doctors in the order of their names; the extra one tells of a next page.

    `after` is the `sort_name` and id of the last doctor already shown.
    """
    query = _listed().order_by(Doctor.sort_name, Doctor.id).limit(limit + 1)
    if asked.specialisation:
        query = query.where(_has(DoctorSpecialisation, "specialisation", asked.specialisation))
    if asked.language:
        query = query.where(_has(DoctorLanguage, "language", asked.language))
    if asked.location:
        query = query.where(_sees_patients_at(asked.location))
    if len(asked.q) >= 2:
        query = query.where(Doctor.sort_name.contains(asked.q.casefold(), autoescape=True))
    if after:
        query = query.where(sa.tuple_(Doctor.sort_name, Doctor.id) > sa.tuple_(*after))
    return _profiles(query)


def find(doctor_id: UUID) -> Profile:
    """Raises NotFound for an unknown or inactive doctor."""
    found = _profiles(_listed().where(Doctor.id == doctor_id))
    if not found:
        raise NotFound
    return found[0]


def _listed() -> sa.Select[Doctor, Organisation]:
    return (
        sa.select(Doctor, Organisation)
        .join(Organisation, Organisation.id == Doctor.organisation_id)
        .where(Doctor.is_active, Organisation.is_active)
    )


def _has(table: type[DoctorSpecialisation | DoctorLanguage], column: str, value: str) -> sa.Exists:
    return sa.exists().where(table.doctor_id == Doctor.id, getattr(table, column) == value)


def _sees_patients_at(location_id: UUID) -> sa.Exists:
    return sa.exists().where(
        _schedules.c.doctor_id == Doctor.id,
        _schedules.c.location_id == location_id,
        _schedules.c.withdrawn_at.is_(None),
    )


def _profiles(query: sa.Select[Doctor, Organisation]) -> list[Profile]:
    rows = db.session.execute(query).all()
    ids = [doctor.id for doctor, _ in rows]
    details = _details(ids) if ids else {}
    return [_profile(doctor, organisation, details[doctor.id]) for doctor, organisation in rows]


def _details(ids: Sequence[UUID]) -> dict[UUID, dict[str, set[str]]]:
    """What the side tables know of these doctors, in one query."""
    parts = sa.union_all(
        sa.select(
            DoctorSpecialisation.doctor_id,
            sa.literal("specialisation").label("kind"),
            DoctorSpecialisation.specialisation.label("value"),
        ).where(DoctorSpecialisation.doctor_id.in_(ids)),
        sa.select(DoctorLanguage.doctor_id, sa.literal("language"), DoctorLanguage.language).where(
            DoctorLanguage.doctor_id.in_(ids)
        ),
        sa.select(_schedules.c.doctor_id, sa.literal("place"), Location.name)
        .join(Location, Location.id == _schedules.c.location_id)
        .where(_schedules.c.doctor_id.in_(ids), _schedules.c.withdrawn_at.is_(None)),
    )
    found: dict[UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for doctor_id, kind, value in db.session.execute(parts):
        found[doctor_id][kind].add(value)
    return found


def _profile(doctor: Doctor, organisation: Organisation, details: dict[str, set[str]]) -> Profile:
    return Profile(
        id=doctor.id,
        user_id=doctor.user_id,
        organisation_id=doctor.organisation_id,
        name=doctor.name,
        specialisations=tuple(sorted(details["specialisation"])),
        languages=tuple(sorted(details["language"])),
        places=tuple(sorted(details["place"])),
        years_experience=doctor.years_experience,
        bio=doctor.bio,
        licence_number=doctor.licence_number,
        contact_phone=doctor.contact_phone,
        organisation=organisation.name,
        organisation_phone=organisation.phone,
        emergency_number=organisation.emergency_number,
    )


def name_of(doctor_id: UUID) -> str | None:
    return db.session.scalar(sa.select(Doctor.name).where(Doctor.id == doctor_id))


def of_organisation(organisation_id: UUID) -> list[tuple[UUID, str]]:
    """Ids and names of an organisation's active doctors, by name."""
    rows = db.session.execute(
        sa.select(Doctor.id, Doctor.name)
        .where(Doctor.organisation_id == organisation_id, Doctor.is_active)
        .order_by(Doctor.sort_name)
    )
    return [(row.id, row.name) for row in rows]
