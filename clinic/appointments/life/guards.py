"""What every step asks first: from this status, by this person, in time?"""

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import BOUND_BY_NOTICE
from clinic.appointments.errors import NoticeTooShort, NotYourStep, StepNotPossible
from clinic.appointments.life import lifecycle
from clinic.appointments.life.lifecycle import By
from clinic.appointments.models import MOVED, Appointment
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db
from clinic.organisations.models import OrganisationSettings


def status_after(visit: Appointment, step: str, actor: Actor) -> Status:
    """Raises NotYourStep, StepNotPossible."""
    before = Status(visit.status_before) if visit.status_before else None
    try:
        return lifecycle.advance(Status(visit.status), step, By(actor.role), before=before)
    except lifecycle.NotYours:
        raise NotYourStep from None
    except lifecycle.IllegalStep:
        raise StepNotPossible(visit.status, step, was_moved=is_moved(visit)) from None


def is_moved(visit: Appointment) -> bool:
    """Did it end because another visit took its place?"""
    return visit.cancel_reason == MOVED


def refuse_late(visit: Appointment, actor: Actor) -> None:
    """A patient cancels or moves a visit until the notice limit. Raises NoticeTooShort."""
    if not actor.may(BOUND_BY_NOTICE):
        return
    notice = db.session.execute(
        sa.select(OrganisationSettings.cancel_notice_minutes).where(
            OrganisationSettings.organisation_id == visit.organisation_id
        )
    ).scalar_one()
    if not lifecycle.can_cancel(visit.starts_at, clock.now(), notice):
        raise NoticeTooShort
