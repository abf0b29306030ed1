from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.core.db import db
from clinic.organisations.models import Location, Organisation


@dataclass(frozen=True, slots=True)
class Place:
    id: UUID
    name: str


def places() -> list[Place]:
    """The locations of all active organisations, for the directory's filter."""
    rows = db.session.execute(
        sa.select(Location.id, Location.name)
        .join(Organisation, Organisation.id == Location.organisation_id)
        .where(Organisation.is_active)
        .order_by(Location.name)
    )
    return [Place(row.id, row.name) for row in rows]


def default_country() -> str | None:
    """The country whose local telephone numbers a visitor may type, if there is only one."""
    countries = db.session.scalars(
        sa.select(Organisation.country).where(Organisation.is_active).distinct().limit(2)
    ).all()
    return countries[0] if len(countries) == 1 else None


def name_of(organisation_id: UUID) -> str | None:
    return db.session.scalar(sa.select(Organisation.name).where(Organisation.id == organisation_id))


def is_empty() -> bool:
    """Is this a new installation?"""
    return db.session.scalar(sa.select(Organisation.id).limit(1)) is None


def timezone_of(organisation_id: UUID) -> str:
    return db.session.execute(
        sa.select(Organisation.timezone).where(Organisation.id == organisation_id)
    ).scalar_one()
