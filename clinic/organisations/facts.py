"""What happens to organisations and their settings."""

from dataclasses import dataclass
from uuid import UUID

from clinic.events.fact import Fact, fact


@dataclass(frozen=True, kw_only=True)
class OrganisationFact(Fact):
    organisation_id: UUID  # in the payload, too


@fact("organisation.created")
class OrganisationCreated(OrganisationFact):
    pass


@fact("organisation.updated")
class OrganisationUpdated(OrganisationFact):
    pass


@fact("organisation.closed")
class OrganisationClosed(OrganisationFact):
    """To patients."""

    visits: str | None = None  # what becomes of those to come: keep or cancel


@fact("location.closed")
class LocationClosed(OrganisationFact):
    location_id: UUID
    visits: str | None = None  # what becomes of those to come: keep, cancel or move


@fact("settings.updated")
class SettingsUpdated(OrganisationFact):
    pass
