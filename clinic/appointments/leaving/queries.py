"""Visits to come of doctors who see nobody any more: somebody at the desk decides each."""

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.leaving.depending import still_to_come
from clinic.appointments.life.scope import VISIBLE
from clinic.appointments.models import Appointment
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading.visit import VISITS, Visit
from clinic.core.data.db import db
from clinic.doctors.models import Doctor

MOST = 200


def left(actor: Actor) -> list[Visit]:
    """What the actor may see of them, soonest first, at most so many."""
    query = VISITS.where(*_left(actor)).order_by(Appointment.starts_at, Appointment.id)
    return visits.read(query.limit(MOST), actor)


def count_left(actor: Actor) -> int:
    query = sa.select(sa.func.count()).select_from(Appointment)
    joined = query.join(Doctor, Doctor.id == Appointment.doctor_id).where(*_left(actor))
    return db.session.execute(joined).scalar_one()


def _left(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    return VISIBLE.to(actor), *still_to_come(), ~Doctor.is_active
