from uuid import UUID

from clinic.core import clock
from clinic.core.db import db, transactional
from clinic.organisations.models import Location, Organisation, OrganisationSettings


@transactional
def open_organisation(
    name: str,
    kind: str,
    timezone: str,
    country: str,
    emergency_number: str,
    phone: str | None = None,
    email: str | None = None,
    **rules: int | bool,
) -> Organisation:
    """Create an organisation and its settings. `rules` are columns of OrganisationSettings.

    Raises ValueError for a time zone that does not exist.
    """
    clock.zone(timezone)
    organisation = Organisation(
        name=name,
        kind=kind,
        timezone=timezone,
        country=country,
        emergency_number=emergency_number,
        phone=phone,
        email=email,
        created_at=clock.now(),
    )
    db.session.add(organisation)
    db.session.flush()
    db.session.add(OrganisationSettings(organisation_id=organisation.id, **rules))
    db.session.flush()
    return organisation


@transactional
def add_location(organisation_id: UUID, name: str, address: str) -> Location:
    location = Location(organisation_id=organisation_id, name=name, address=address)
    db.session.add(location)
    db.session.flush()
    return location
