"""Who may see which visits, and book for whom with which doctors."""

from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import SYSTEM, Role
from clinic.access.visible import (
    Condition,
    Visible,
    everything,
    same_doctor,
    same_organisation,
    same_patient,
)
from clinic.appointments.models import LONGEST_VISIT, MOVED, Appointment
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.doctors.models import Doctor
from clinic.patients.models import Patient, PatientOrganisation

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


def _known_there(actor: Actor) -> Condition:
    there = sa.exists().where(
        PatientOrganisation.patient_id == Patient.id,
        same_organisation(PatientOrganisation.organisation_id)(actor),
    )
    return there.correlate(Patient)


BOOKED_FOR = Visible(
    "patient to book for",
    {
        Role.PATIENT: same_patient(Patient.id),
        Role.STAFF: _known_there,
        Role.ADMIN: _known_there,
        Role.SUPERADMIN: everything,
    },
)
BOOKED_WITH = Visible(
    "doctor to book with",
    {
        Role.PATIENT: everything,
        Role.STAFF: same_organisation(Doctor.organisation_id),
        Role.ADMIN: same_organisation(Doctor.organisation_id),
        Role.SUPERADMIN: everything,
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


def still_to_come() -> tuple[sa.ColumnElement[bool], ...]:
    """Nobody has come yet, and its time is not over."""
    return Appointment.status.in_(sorted(UPCOMING)), Appointment.ends_at > clock.now()


def left_behind(actor: Actor) -> sa.ColumnElement[bool]:
    """Of visits the actor sees: still to come, and their doctor sees nobody any more."""
    # By the doctors who left, few or none, and by the index of each one's visits.
    gone = sa.select(Doctor.id).where(~Doctor.is_active)
    if actor.organisation_id:
        gone = gone.where(Doctor.organisation_id == actor.organisation_id)
    since = Appointment.starts_at > clock.now() - LONGEST_VISIT
    return sa.and_(VISIBLE.to(actor), Appointment.doctor_id.in_(gone), since, *still_to_come())
