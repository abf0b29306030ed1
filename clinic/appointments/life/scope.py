"""Who may see which visits."""

from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.appointments.life.lifecycle import By
from clinic.appointments.models import MOVED, Appointment
from clinic.core.data.db import db
from clinic.core.errors import NotFound


def scope(actor: Actor) -> sa.ColumnElement[bool]:
    """The visits an actor may see at all: the one condition behind every read by id."""
    if actor.role == Role.PATIENT:
        return Appointment.patient_id == actor.patient_id
    if actor.role == Role.DOCTOR:
        return Appointment.doctor_id == actor.doctor_id
    if actor.role in (Role.STAFF, Role.ADMIN):
        return Appointment.organisation_id == actor.organisation_id
    return sa.true() if actor.role in (Role.SUPERADMIN, By.SYSTEM) else sa.false()


def visible_to(actor: Actor, appointment_id: UUID) -> Appointment:
    """Raises NotFound for an absent visit and for somebody else's alike."""
    visit = db.session.scalar(
        sa.select(Appointment).where(Appointment.id == appointment_id, scope(actor))
    )
    if visit is None:
        raise NotFound
    return visit


def still_meant() -> sa.ColumnElement[bool]:
    """All but the visits that another one replaced: what moved is neither cancelled nor past."""
    return Appointment.cancel_reason.is_distinct_from(MOVED)
