"""The open places of an organisation, for who runs it."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.organisations.models import Location, Organisation
from clinic.organisations.queries import VISIBLE, Place
from clinic.schedules.models import Schedule

_OPEN = (
    sa.select(Location.id, Location.name, Location.address)
    .join(Organisation, Organisation.id == Location.organisation_id)
    .where(Location.closed_at.is_(None))
)


def place(organisation_id: UUID, location_id: UUID, actor: Actor) -> Place:
    """Raises NotFound, for a closed one too."""
    query = _there(organisation_id, actor).where(Location.id == location_id)
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return _place(row)


def places(organisation_id: UUID, actor: Actor, paging: Paging) -> Page[Place]:
    """By name. Raises NotFound for an organisation that the actor does not see."""
    seen = sa.select(Organisation.id).where(Organisation.id == organisation_id, VISIBLE.to(actor))
    if db.session.scalar(seen) is None:
        raise NotFound
    found = page_of(_there(organisation_id, actor), Location.name, Location.id, paging)
    return found.of(lambda rows: [_place(row) for row in rows])


def visits_to_come(location_id: UUID) -> int:
    """How many, of a closed one too: those that were kept."""
    return db.session.execute(
        sa.select(sa.func.count()).where(
            Appointment.location_id == location_id,
            Appointment.status.in_(sorted(UPCOMING)),
            Appointment.ends_at > clock.now(),
        )
    ).scalar_one()


def hours_to_come(location_id: UUID) -> int:
    """How many windows are planned there for today or later: they end with the place."""
    zone = sa.select(Organisation.timezone).join(
        Location, Location.organisation_id == Organisation.id
    )
    name = db.session.execute(zone.where(Location.id == location_id)).scalar_one()
    last_day = sa.func.coalesce(Schedule.on_date, Schedule.valid_until)
    return db.session.execute(
        sa.select(sa.func.count()).where(
            Schedule.location_id == location_id,
            Schedule.withdrawn_at.is_(None),
            sa.or_(last_day.is_(None), last_day >= clock.today(clock.zone(name))),
        )
    ).scalar_one()


def _there(organisation_id: UUID, actor: Actor) -> sa.Select[UUID, str, str]:
    return _OPEN.where(Location.organisation_id == organisation_id, VISIBLE.to(actor))


def _place(row: Any) -> Place:
    return Place(row.id, row.name, row.address)
