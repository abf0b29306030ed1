"""Visits to come that depend on a doctor, an organisation, a window or a patient."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.life.scope import still_to_come
from clinic.appointments.models import Appointment
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.organisations.errors import FirstVisit
from clinic.organisations.models import Organisation


class Depending(NamedTuple):
    id: UUID
    doctor_id: UUID
    patient_id: UUID
    organisation_id: UUID
    starts_at: datetime
    ends_at: datetime
    location_id: UUID


_COLUMNS: tuple[Any, ...] = (
    Appointment.id,
    Appointment.doctor_id,
    Appointment.patient_id,
    Appointment.organisation_id,
    Appointment.starts_at,
    Appointment.ends_at,
    Appointment.location_id,
)


def visits(*which: sa.ColumnElement[bool]) -> Sequence[Depending]:
    """Soonest first."""
    query = sa.select(*_COLUMNS).where(*which, *still_to_come())
    rows = db.session.execute(query.order_by(Appointment.starts_at, Appointment.id))
    return [Depending(*row) for row in rows]


def of(ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    return among(Appointment.id, ids)


def first(found: Sequence[Depending]) -> FirstVisit:
    visit = found[0]
    zone = sa.select(Organisation.timezone).where(Organisation.id == visit.organisation_id)
    return FirstVisit(
        visit.id,
        visit.starts_at,
        visit.ends_at,
        visit.doctor_id,
        db.session.execute(zone).scalar_one(),
    )
