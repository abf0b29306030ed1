"""Organisations, their locations and rules, as other rooms and pages read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import SYSTEM, Role
from clinic.access.visible import Visible, everything, same_organisation
from clinic.accounts.models import User
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.organisations.models import Location, Organisation, OrganisationSettings


@dataclass(frozen=True, slots=True)
class Place:
    id: UUID
    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """An organisation, as those who run it see it."""

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


@dataclass(frozen=True, slots=True)
class Rules:
    """How an organisation books, in minutes and days, and by which ways it writes."""

    minimum_notice_minutes: int
    booking_horizon_days: int
    cancel_notice_minutes: int
    no_show_grace_minutes: int
    approval_required: bool
    auto_no_show: bool
    two_factor_required: bool
    channel_order: str  # the names of channels, with commas between them


VERSION_OF_PLACES = sa.select(sa.cast(sa.func.sum(Organisation.diary_version + 1), sa.BigInteger))

VISIBLE = Visible(
    "organisation",
    {
        Role.DOCTOR: same_organisation(Organisation.id),
        Role.STAFF: same_organisation(Organisation.id),
        Role.ADMIN: same_organisation(Organisation.id),
        Role.SUPERADMIN: everything,
        SYSTEM: everything,
    },
)

_DETAILS = sa.select(*(getattr(Organisation, name) for name in Details.__dataclass_fields__))
_RULES = sa.select(*(getattr(OrganisationSettings, name) for name in Rules.__dataclass_fields__))


def details(organisation_id: UUID, actor: Actor) -> Details:
    """Raises NotFound."""
    row = db.session.execute(
        _DETAILS.where(Organisation.id == organisation_id, VISIBLE.to(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    return Details(**row._mapping)


def rules(organisation_id: UUID, actor: Actor) -> Rules:
    """Raises NotFound."""
    row = db.session.execute(
        _RULES.join(Organisation).where(Organisation.id == organisation_id, VISIBLE.to(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    return Rules(**row._mapping)


def organisations(actor: Actor, paging: Paging) -> Page[Details]:
    """Those the actor sees, in the order of their names."""
    query = _DETAILS.where(VISIBLE.to(actor))
    found = page_of(query, Organisation.name, Organisation.id, paging)
    return found.of(lambda rows: [_details(row) for row in rows])


def _details(row: sa.Row[Any]) -> Details:
    return Details(**{name: getattr(row, name) for name in Details.__dataclass_fields__})


def places_of(organisation_id: UUID) -> list[Place]:
    """Those that are open, by name."""
    rows = db.session.execute(
        sa.select(Location.id, Location.name, Location.address)
        .where(Location.organisation_id == organisation_id, Location.closed_at.is_(None))
        .order_by(Location.name)
    )
    return [Place(row.id, row.name, row.address) for row in rows]


def active() -> list[Place]:
    """Those that are open, by name."""
    rows = db.session.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(Organisation.is_active)
        .order_by(Organisation.name)
    )
    return [Place(row.id, row.name) for row in rows]


def only_active() -> UUID | None:
    """The one that is open, if there is just one."""
    found = db.session.scalars(
        sa.select(Organisation.id).where(Organisation.is_active).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def is_active(organisation_id: UUID) -> bool:
    """False for an unknown one, too."""
    return bool(
        db.session.scalar(
            sa.select(Organisation.is_active).where(Organisation.id == organisation_id)
        )
    )


def places() -> list[Place]:
    """The open locations of all active organisations, for the directory's filter."""
    rows = db.session.execute(
        sa.select(Location.id, Location.name)
        .join(Organisation, Organisation.id == Location.organisation_id)
        .where(Organisation.is_active, Location.closed_at.is_(None))
        .order_by(Location.name)
    )
    return [Place(row.id, row.name) for row in rows]


def version_of_places() -> int:
    """Higher after whatever changes `places`: each organisation counts, and its own changes."""
    return db.session.scalar(VERSION_OF_PLACES) or 0


def default_country() -> str | None:
    """The country whose local telephone numbers a visitor may type, if there is only one."""
    countries = db.session.scalars(
        sa.select(Organisation.country).where(Organisation.is_active).distinct().limit(2)
    ).all()
    return countries[0] if len(countries) == 1 else None


def country_for(organisation_id: UUID | None) -> str | None:
    """The country whose local telephone numbers somebody of that organisation types."""
    return country_of(organisation_id) if organisation_id else default_country()


def country_of(organisation_id: UUID) -> str | None:
    return db.session.scalar(
        sa.select(Organisation.country).where(Organisation.id == organisation_id)
    )


def name_of(organisation_id: UUID) -> str | None:
    return db.session.scalar(sa.select(Organisation.name).where(Organisation.id == organisation_id))


def name_and_country(organisation_id: UUID) -> tuple[str | None, str | None]:
    row = db.session.execute(
        sa.select(Organisation.name, Organisation.country).where(Organisation.id == organisation_id)
    ).one_or_none()
    return (row.name, row.country) if row else (None, None)


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """Of those who can log in there."""

    everybody: int
    without: int
    is_without: bool  # is whoever asks one of these?


def second_factors(organisation_id: UUID, user_id: UUID | None) -> SecondFactors:
    has_none = User.totp_enabled_at.is_(None)
    row = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count().filter(has_none),
            sa.func.count().filter(has_none, User.id == user_id),
        ).where(User.organisation_id == organisation_id, User.is_active)
    ).one()
    return SecondFactors(row[0], row[1], bool(row[2]))


def is_empty() -> bool:
    """Is this a new installation?"""
    return db.session.scalar(sa.select(Organisation.id).limit(1)) is None


def timezone_of(organisation_id: UUID) -> str:
    return db.session.execute(
        sa.select(Organisation.timezone).where(Organisation.id == organisation_id)
    ).scalar_one()
