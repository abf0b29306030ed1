"""What doctors can be narrowed by: only what exists among those who can be booked."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.doctors.models import Doctor, DoctorLanguage, DoctorSpecialisation
from clinic.doctors.search.narrowing import IS_LISTED
from clinic.organisations.models import Location, Organisation
from clinic.schedules.models import Schedule


@dataclass(frozen=True, slots=True)
class Choices:
    """In any order."""

    specialisations: tuple[str, ...]  # slugs
    languages: tuple[str, ...]  # ISO 639-1
    locations: tuple[tuple[str, str], ...]  # ids and names, with the clinic's where two are alike


_DAY: sa.BindParameter[Any] = sa.bindparam("day", type_=sa.Date)
_IN_FORCE = (
    Schedule.withdrawn_at.is_(None),
    sa.or_(Schedule.valid_until.is_(None), Schedule.valid_until >= _DAY),
    sa.or_(Schedule.on_date.is_(None), Schedule.on_date >= _DAY),
)


def there_are(organisation_id: UUID | None = None) -> Choices:
    """Among the doctors with hours to come, of one organisation or of all."""
    own = () if organisation_id is None else (Doctor.organisation_id == organisation_id,)
    bookable = (
        sa.select(Doctor.id)
        .join(Organisation, Organisation.id == Doctor.organisation_id)
        .where(*IS_LISTED, *own, sa.exists().where(Schedule.doctor_id == Doctor.id, *_IN_FORCE))
    )
    statement: sa.CompoundSelect[Any] = sa.union(
        _words("specialisation", DoctorSpecialisation, bookable),
        _words("language", DoctorLanguage, bookable),
        sa.select(sa.literal("location"), sa.cast(Location.id, sa.String), Location.name,
                  Organisation.name)
        .join(Organisation, Organisation.id == Location.organisation_id)
        .join(Schedule, Schedule.location_id == Location.id)
        .where(Schedule.doctor_id.in_(bookable), *_IN_FORCE),
    )  # fmt: skip
    # It may be yesterday still where a doctor works.
    day = clock.now().date() - timedelta(days=1)
    rows = db.session.execute(statement, {"day": day}).all()
    return Choices(
        tuple(row[1] for row in rows if row[0] == "specialisation"),
        tuple(row[1] for row in rows if row[0] == "language"),
        _named([row for row in rows if row[0] == "location"]),
    )


def _words(kind: str, table: Any, bookable: Any) -> sa.Select[*tuple[Any, ...]]:
    column, none = getattr(table, kind), sa.literal("")
    return sa.select(sa.literal(kind), sa.cast(column, sa.String), none, none).where(
        table.doctor_id.in_(bookable)
    )


def _named(rows: list[Any]) -> tuple[tuple[str, str], ...]:
    times = Counter(name for _, _, name, _ in rows)
    return tuple(
        (str(UUID(key)), name if times[name] == 1 else f"{name} ({clinic})")
        for _, key, name, clinic in rows
    )
