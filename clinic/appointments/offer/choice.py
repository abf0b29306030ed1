"""A picked time, read from an address or a form."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.appointments.offer.diary import offered_slot
from clinic.appointments.offer.practice import Practice
from clinic.core.data.db import db
from clinic.organisations.models import Location, Organisation
from clinic.organisations.site.queries import Site, addresses
from clinic.schedules.slots import Slot


@dataclass(frozen=True, slots=True)
class Choice:
    """A picked slot, before it is booked."""

    doctor_id: UUID
    doctor: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    place: str | None
    address: str | None
    organisation_id: UUID
    approval_required: bool
    site: Site  # of the clinic


_CLINIC = (
    sa.select(
        Organisation.name,
        Organisation.phone,
        Organisation.country,
        Organisation.emergency_number,
        Location.name.label("place"),
        Location.address,
    )
    .outerjoin(Location, Location.id == sa.bindparam("location", type_=sa.Uuid))
    .where(Organisation.id == sa.bindparam("organisation", type_=sa.Uuid))
)


def parse_start(text: str | None) -> datetime | None:
    """An instant out of a URL or form; None for anything that is not one with an offset."""
    try:
        # A plus sign that arrives as a space is the commonest way to break an offset.
        moment = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError:
        return None
    if moment.tzinfo is None or not 1900 <= moment.year <= 2100:
        return None
    return moment


def choice(doctor: str | None, start: str | None, at_desk: bool = False) -> Choice | None:
    """Describe the slot if it is offered and free; None otherwise."""
    try:
        doctor_id, moment = UUID(doctor or ""), parse_start(start)
    except ValueError:
        return None
    offered = offered_slot(doctor_id, moment, at_desk) if moment else None
    if offered is None or not offered[1].available:
        return None
    return describe(*offered)


def choice_in(following: str) -> Choice | None:
    """The slot somebody picked before signing in, read out of where they go next."""
    parts = urlsplit(following)
    if parts.path != "/appointments/new":
        return None
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return choice(asked.get("doctor"), asked.get("start"))


def describe(practice: Practice, slot: Slot) -> Choice:
    clinic = db.session.execute(
        _CLINIC, {"organisation": practice.organisation_id, "location": slot.location_id}
    ).one()
    return Choice(
        doctor_id=practice.doctor_id,
        doctor=practice.name,
        start=slot.start,
        end=slot.end,
        zone=practice.zone,
        place=clinic.place,
        address=clinic.address,
        organisation_id=practice.organisation_id,
        approval_required=practice.approval_required,
        site=Site(
            clinic.name,
            addresses(clinic.name, [(clinic.place, clinic.address)]),
            clinic.phone,
            clinic.country,
            ((clinic.emergency_number, clinic.country),),
            practice.organisation_id,
        ),
    )
