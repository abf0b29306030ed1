"""What a patient has with a doctor already, around a time that is looked at or asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.life.conflicts import takes_time
from clinic.appointments.life.scope import VISIBLE
from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.data.db import db

NEAR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Own:
    id: UUID
    code: str
    starts_at: datetime


_COLUMNS = (Appointment.id, Appointment.code, Appointment.starts_at)


def near(patient_id: UUID, doctor_id: UUID, start: datetime, reader: Actor) -> list[Own]:
    """The visits of the two that hold a seat, within a week of `start` on both sides.

    Those that began before now are left out, but the one that begins at `start`: whoever goes back
    to its form means that one.
    """
    found = db.session.execute(
        sa.select(*_COLUMNS)
        .where(
            VISIBLE.to(reader),
            Appointment.patient_id == patient_id,
            Appointment.doctor_id == doctor_id,
            Appointment.starts_at.between(start - NEAR, start + NEAR),
            sa.or_(Appointment.starts_at > clock.now(), Appointment.starts_at == start),
            takes_time(),
        )
        .order_by(Appointment.starts_at)
    )
    return [Own(*row) for row in found]


def held(patient_id: UUID, doctor_id: UUID, start: datetime) -> Own | None:
    """The visit of the two that begins then. Whoever asks has made sure that they may know."""
    row = db.session.execute(
        sa.select(*_COLUMNS).where(
            Appointment.patient_id == patient_id,
            Appointment.doctor_id == doctor_id,
            Appointment.starts_at == start,
            takes_time(),
        )
    ).one_or_none()
    return Own(*row) if row else None
