"""Hospitals and clinics, their data and their booking rules."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, field_validator

from clinic.access.roles import OPEN_ORGANISATIONS, RUN_ORGANISATIONS
from clinic.api.bodies import dialled, left_out
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    page,
)
from clinic.api.visits import STAYING, StayingQuery, Visits, chosen
from clinic.core.fields import COUNTRY, Email, LocalPhone, Name, Text, Zone
from clinic.core.fields.telephones import called_in
from clinic.core.web.security import access
from clinic.organisations import queries, rules, service
from clinic.organisations.models import LONGEST_ADDRESS
from clinic.organisations.queries import Details, Rules

bp = Resource("organisations", tag="Organisations")


Kind = Literal["hospital", "clinic", "business"]
Country = Annotated[str, COUNTRY, Field(description="Two letters of ISO 3166")]
Emergency = Annotated[str, rules.EmergencyNumber()]
Address = Annotated[str, Text(LONGEST_ADDRESS)]
Order = Annotated[list[Literal["sms", "whatsapp", "email"]], Field(min_length=3, max_length=3)]

HARBOUR = {
    "name": "Harbour Clinic",
    "kind": "clinic",
    "timezone": "Europe/London",
    "country": "GB",
    "phone": "+442079460142",
    "email": "hello@harbour.example.org",
    "emergency_number": "999",
}
ORGANISATION = {
    **HARBOUR,
    "id": "0b1f3f76-8a0e-4c59-8d8b-6e1b8d7a2c10",
    "is_active": True,
    "created_at": "2026-11-16T06:30:00Z",
}
RULES = {
    "minimum_notice_minutes": 60,
    "booking_horizon_days": 56,
    "cancel_notice_minutes": 120,
    "no_show_grace_minutes": 15,
    "approval_required": False,
    "auto_no_show": True,
    "two_factor_required": False,
    "channel_order": ["whatsapp", "sms", "email"],
}


class OrganisationIn(In):
    name: Name
    kind: Kind = "clinic"
    country: Country
    timezone: Zone
    phone: LocalPhone | None = None
    email: Email | None = None
    emergency_number: Emergency | None = Field(None, description="Without one, the country's")
    address: Address = Field("", description="Of its first place, which has the same name")

    model_config = example({**HARBOUR, "address": "14 Quay Street"})


class OrganisationPatch(In):
    """What is left out stays as it is; only phone and email may be null."""

    name: Name = left_out()
    kind: Kind = left_out()
    country: Country = left_out()
    timezone: Zone = left_out(description="Stays as it is while visits are to come: 409")
    phone: LocalPhone | None = None
    email: Email | None = None
    emergency_number: Emergency = left_out()
    is_active: bool = left_out(description="For superadmins: closed, patients do not find it")
    visits: Visits | None = Field(None, description=f"When it closes. {STAYING}")

    model_config = example({"phone": "+442079460143"})


class OrganisationOut(Out):
    id: UUID
    name: str
    kind: str
    timezone: str
    country: str
    phone: str | None
    email: str | None
    emergency_number: str
    is_active: bool
    created_at: datetime

    model_config = example(ORGANISATION)


class OrganisationPage(PageOf[OrganisationOut]):
    model_config = example({"items": [ORGANISATION], "next_cursor": None})


class SettingsPatch(In):
    """How it books, in minutes and days, and writes. What is left out stays as it is."""

    minimum_notice_minutes: Annotated[int, rules.RANGES["minimum_notice_minutes"]] = left_out()
    booking_horizon_days: Annotated[int, rules.RANGES["booking_horizon_days"]] = left_out()
    cancel_notice_minutes: Annotated[int, rules.RANGES["cancel_notice_minutes"]] = left_out()
    no_show_grace_minutes: Annotated[int, rules.RANGES["no_show_grace_minutes"]] = left_out()
    approval_required: bool = left_out()
    auto_no_show: bool = left_out()
    two_factor_required: bool = left_out(description="For all who work there")
    channel_order: Order = left_out(description="What cannot go its way tries these")

    model_config = example({"booking_horizon_days": 90})


class SettingsOut(Out):
    minimum_notice_minutes: int
    booking_horizon_days: int
    cancel_notice_minutes: int
    no_show_grace_minutes: int
    approval_required: bool
    auto_no_show: bool
    two_factor_required: bool
    channel_order: list[str]

    model_config = example(RULES)

    @field_validator("channel_order", mode="before")
    @classmethod
    def _in_parts(cls, stored: object) -> object:
        return stored.split(",") if isinstance(stored, str) else stored


@bp.get("/organisations")
@access(*RUN_ORGANISATIONS)
@bp.input(PageQuery, location="query")
@bp.output(OrganisationPage)
def index(query_data: PageQuery) -> dict[str, Any]:
    """Organisations by name: all of them for superadmins, else one's own."""
    return page(queries.organisations(actor(), query_data.paging))


@bp.post("/organisations")
@access(*OPEN_ORGANISATIONS)
@honours_key
@bp.input(OrganisationIn)
@bp.output(OrganisationOut, 201)
def create(json_data: OrganisationIn) -> Details:
    """Open an organisation with its first place."""
    details = json_data.model_dump(exclude={"address"})
    details["phone"] = dialled(json_data.phone, called_in(json_data.country))
    details["emergency_number"] = emergency_number_of(json_data)
    organisation_id = once(
        lambda: service.open_with_place(details, json_data.address, actor()).id, json_data
    )
    return queries.details(UUID(organisation_id), actor())


@bp.get("/organisations/<uuid:organisation_id>")
@access(*RUN_ORGANISATIONS)
@bp.output(OrganisationOut)
def show(organisation_id: UUID) -> Details:
    """One organisation."""
    return queries.details(organisation_id, actor())


@bp.patch("/organisations/<uuid:organisation_id>")
@access(*RUN_ORGANISATIONS)
@bp.input(OrganisationPatch)
@bp.input(StayingQuery, location="query")
@bp.output(OrganisationOut)
def update(
    organisation_id: UUID, json_data: OrganisationPatch, query_data: StayingQuery
) -> Details:
    """Change an organisation's data."""
    changes = json_data.model_dump(exclude_unset=True, exclude={"visits"})
    if changes.get("phone"):
        known = queries.details(organisation_id, actor())
        number = called_in(changes.get("country") or known.country, known.phone)
        changes["phone"] = dialled(changes["phone"], number)
    service.update(organisation_id, changes, actor(), chosen(query_data, json_data))
    return queries.details(organisation_id, actor())


@bp.get("/organisations/<uuid:organisation_id>/settings")
@access(*RUN_ORGANISATIONS)
@bp.output(SettingsOut)
def settings(organisation_id: UUID) -> Rules:
    """How an organisation books."""
    return queries.rules(organisation_id, actor())


@bp.patch("/organisations/<uuid:organisation_id>/settings")
@access(*RUN_ORGANISATIONS)
@bp.input(SettingsPatch)
@bp.output(SettingsOut)
def update_settings(organisation_id: UUID, json_data: SettingsPatch) -> Rules:
    """Change how an organisation books."""
    changes = json_data.model_dump(exclude_unset=True)
    if "channel_order" in changes:
        changes["channel_order"] = ",".join(changes["channel_order"])
    service.update_settings(organisation_id, changes, actor())
    return queries.rules(organisation_id, actor())


def emergency_number_of(given: OrganisationIn) -> str:
    return given.emergency_number or rules.emergency_number(given.country)
