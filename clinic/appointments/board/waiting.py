"""What waits for somebody at work: requests, and who has not confirmed for tomorrow."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import READ_MESSAGES
from clinic.appointments.life.scope import VISIBLE
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db
from clinic.messaging.desk import queries as messages
from clinic.organisations.models import OrganisationSettings

NOT_CONFIRMED = (Status.PENDING, Status.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Waiting:
    requests: int
    texts: int  # and failed messages, for those who may read them
    not_confirmed: int  # for tomorrow


def is_request(actor: Actor) -> sa.ColumnElement[bool]:
    """Of visits the actor sees: asked for, and nobody accepts it but people."""
    # Asked once and first: where the worker accepts, no visit need be looked at.
    by_people = (
        sa.select(OrganisationSettings.approval_required)
        .where(OrganisationSettings.organisation_id == actor.organisation_id)
        .scalar_subquery()
    )
    return sa.and_(
        by_people,
        VISIBLE.to(actor),
        Appointment.status == Status.PENDING,
        Appointment.starts_at > clock.now(),
    )


def requests_waiting(actor: Actor) -> int:
    return db.session.scalars(
        sa.select(sa.func.count(Appointment.id)).where(is_request(actor))
    ).one()


def waiting(actor: Actor, zone: ZoneInfo) -> Waiting:
    since, until = clock.day_bounds(clock.today(zone) + timedelta(days=1), zone)
    count = sa.func.count(Appointment.id)
    requests = sa.select(count).where(is_request(actor)).scalar_subquery()
    tomorrow = sa.select(count).where(
        VISIBLE.to(actor),
        Appointment.starts_at >= since,
        Appointment.starts_at < until,
        Appointment.status.in_(NOT_CONFIRMED),
    )
    found = db.session.execute(sa.select(requests, tomorrow.scalar_subquery())).one()
    texts = messages.needing_look(actor) if actor.may(READ_MESSAGES) else 0
    return Waiting(found[0], texts, found[1])
