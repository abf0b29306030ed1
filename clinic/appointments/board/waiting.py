"""What waits for somebody at work: requests, who has not confirmed for tomorrow, and visits whose
doctor left."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import READ_MESSAGES
from clinic.appointments.life.scope import VISIBLE, left_behind
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
    left: int  # their doctor sees nobody any more


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


def undecided(actor: Actor) -> int:
    """Visits that stay as they are until somebody at work decides: requests, and whom a doctor
    left behind. One statement.
    """
    found = db.session.execute(sa.select(*_undecided(actor))).one()
    return sum(found)


def _undecided(actor: Actor) -> tuple[sa.ScalarSelect[int], sa.ScalarSelect[int]]:
    count = sa.select(sa.func.count(Appointment.id))
    return (
        count.where(is_request(actor)).scalar_subquery(),
        count.where(left_behind(actor)).scalar_subquery(),
    )


def waiting(actor: Actor, zone: ZoneInfo) -> Waiting:
    since, until = clock.day_bounds(clock.today(zone) + timedelta(days=1), zone)
    tomorrow = sa.select(sa.func.count(Appointment.id)).where(
        VISIBLE.to(actor),
        Appointment.starts_at >= since,
        Appointment.starts_at < until,
        Appointment.status.in_(NOT_CONFIRMED),
    )
    counts = sa.select(*_undecided(actor), tomorrow.scalar_subquery())
    requests, left, not_confirmed = db.session.execute(counts).one()
    texts = messages.needing_look(actor) if actor.may(READ_MESSAGES) else 0
    return Waiting(requests, texts, not_confirmed, left)
