"""Who may see which visits."""

from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import SYSTEM, Role
from clinic.access.visible import Visible, everything, same_doctor, same_organisation, same_patient
from clinic.appointments.models import MOVED, Appointment
from clinic.core.data.db import db
from clinic.core.errors import NotFound

VISIBLE = Visible(
    "visit",
    {
        Role.PATIENT: same_patient(Appointment.patient_id),
        Role.DOCTOR: same_doctor(Appointment.doctor_id),
        Role.STAFF: same_organisation(Appointment.organisation_id),
        Role.ADMIN: same_organisation(Appointment.organisation_id),
        Role.SUPERADMIN: everything,
        SYSTEM: everything,
    },
)


def visible_to(actor: Actor, appointment_id: UUID) -> Appointment:
    """Raises NotFound for an absent visit and for somebody else's alike."""
    visit = db.session.scalar(
        sa.select(Appointment).where(Appointment.id == appointment_id, VISIBLE.to(actor))
    )
    if visit is None:
        raise NotFound
    return visit


def still_meant() -> sa.ColumnElement[bool]:
    """All but the visits that another one replaced: what moved is neither cancelled nor past."""
    return Appointment.cancel_reason.is_distinct_from(MOVED)
