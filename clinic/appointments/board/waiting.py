"""What waits for somebody at work: requests, who has not confirmed for tomorrow, and visits whose
doctor left."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
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
from clinic.messaging.threads import queries as conversations
from clinic.organisations.models import OrganisationSettings

NOT_CONFIRMED = (Status.PENDING, Status.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands in the navigation of every page at work."""

    requests: int
    left: int  # their doctor sees nobody any more
    texts: int | None  # and failed messages; None for those who may not read them
    replies: int | None  # conversations whose other side waits for one; None likewise

    @property
    def undecided(self) -> int:
        """Visits that stay as they are until somebody at work decides."""
        return self.requests + self.left


@dataclass(frozen=True, slots=True)
class Waiting(Counts):
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


def counts(actor: Actor) -> Counts:
    """By one statement."""
    found = db.session.execute(sa.select(*_counts(actor))).one()
    return Counts(*found)


def waiting(actor: Actor, zone: ZoneInfo) -> Waiting:
    """By one statement."""
    since, until = clock.day_bounds(clock.today(zone) + timedelta(days=1), zone)
    tomorrow = sa.select(sa.func.count(Appointment.id)).where(
        VISIBLE.to(actor),
        Appointment.starts_at >= since,
        Appointment.starts_at < until,
        Appointment.status.in_(NOT_CONFIRMED),
    )
    question = sa.select(*_counts(actor), tomorrow.scalar_subquery())
    found = db.session.execute(question).one()
    return Waiting(found[0], found[1], found[2], found[3], found[4])


def _counts(actor: Actor) -> tuple[sa.ColumnElement[Any], ...]:
    """In the order of the fields of Counts."""
    visits = sa.select(sa.func.count(Appointment.id))
    return (
        visits.where(is_request(actor)).scalar_subquery(),
        visits.where(left_behind(actor)).scalar_subquery(),
        messages.count_needing_look(actor).scalar_subquery()
        if actor.may(READ_MESSAGES)
        else sa.null(),
        conversations.count_waiting(actor).scalar_subquery()
        if actor.may(READ_MESSAGES)
        else sa.null(),
    )
