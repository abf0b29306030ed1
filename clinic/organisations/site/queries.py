"""Whose page it is: the name on top, and in the foot where and how help is found."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core import running
from clinic.core.data.db import db
from clinic.core.text import said_once
from clinic.organisations.models import Location, Organisation
from clinic.patients.models import Patient, PatientOrganisation

MOST_SAID = 3  # places, or countries: a foot is no list


@dataclass(frozen=True, slots=True)
class Site:
    name: str
    address: str = ""  # of its places, without the name
    phone: str | None = None
    country: str | None = None  # in whose form the number is written
    emergency: tuple[tuple[str, str], ...] = ()  # numbers, each with the country it is for
    organisation_id: UUID | None = None  # whose privacy notice and terms count; None: of several


def addresses(name: str, places: Iterable[tuple[str, str | None]]) -> str:
    """`Quay Street, 14 Quay Street; Mill Lane`: what `name` says already is not said again."""
    found = [said_once(name, *place)[len(name) :].strip(", ") for place in places]
    found = [one for one in found if one]
    return "; ".join(found) if len(found) <= MOST_SAID else ""


_OF_VISITORS = (
    sa.select(
        Organisation.country,
        Organisation.emergency_number,
        sa.func.count().label("many"),
        sa.func.min(Organisation.name).label("name"),
        sa.func.min(Organisation.phone).label("phone"),
        sa.func.min(sa.cast(Organisation.id, sa.String)).label("id"),
    )
    .where(Organisation.is_active)
    .group_by(Organisation.country, Organisation.emergency_number)
    .order_by(Organisation.country, Organisation.emergency_number)
    .limit(MOST_SAID + 1)
)
_PLACES = (
    sa.select(Location.name, Location.address)
    .join(Organisation, Organisation.id == Location.organisation_id)
    .where(Organisation.is_active, Location.closed_at.is_(None))
    .order_by(Location.name)
    .limit(MOST_SAID + 1)
)


def of_visitors() -> Site:
    """For whoever chose no clinic yet: the only one there is, or the site with the emergency line
    of each country."""
    rows = db.session.execute(_OF_VISITORS).all()
    numbers = tuple((row.emergency_number, row.country) for row in rows)
    if len(rows) != 1 or rows[0].many != 1:
        shared = rows[0].country if len({row.country for row in rows}) == 1 else None
        numbers = numbers if len(numbers) <= MOST_SAID else ()
        return Site(running.settings().site_name, country=shared, emergency=numbers)
    (only,) = rows
    places = [(row.name, row.address) for row in db.session.execute(_PLACES)]
    address = addresses(only.name, places)
    return Site(only.name, address, only.phone, only.country, numbers, UUID(only.id))


def of_person(user_id: UUID) -> Site | None:
    """Where somebody works, or the one clinic that knows them as a patient."""
    theirs = (
        sa.select(PatientOrganisation.organisation_id)
        .join(Patient, Patient.id == PatientOrganisation.patient_id)
        .where(Patient.user_id == user_id)
    )
    works_at = sa.select(User.organisation_id).where(User.id == user_id)
    own = sa.or_(Organisation.id.in_(works_at), Organisation.id.in_(theirs))
    rows = db.session.execute(
        sa.select(
            Organisation.name, Organisation.phone, Organisation.country,
            Organisation.emergency_number, Organisation.id,
        ).where(own).limit(2)
    ).all()  # fmt: skip
    if len(rows) != 1:
        return None
    name, phone, country, emergency, organisation_id = rows[0]
    return Site(name, "", phone, country, ((emergency, country),), organisation_id)


def for_person(user_id: UUID) -> Site:
    """Their clinic; where that is not one alone, what visitors read."""
    known: Site = running.registered("sites").known()
    return of_person(user_id) or known
