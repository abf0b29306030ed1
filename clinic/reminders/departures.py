"""Patients whom an organisation no longer cares for: what it would tell them is taken back."""

from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages as messaging
from clinic.patients.facts import PatientFact
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders import planning
from clinic.reminders.models import Reminder


def on_patient_changed(fact: PatientFact) -> None:
    """NOW, with the change itself. The dead read nothing from anybody; doctors still do."""
    visits = _visits_not_spoken_of(fact.patient_id, fact.organisation_id)
    if visits is None:
        return
    # Plans first: that waits for whoever is turning them into messages, so none slips through.
    db.session.execute(
        sa.update(Reminder)
        .where(
            Reminder.appointment_id.in_(visits),
            Reminder.status == "planned",
            Reminder.rule.not_in(planning.TO_DOCTORS),
        )
        .values(status="cancelled")
    )
    waiting = (
        sa.select(Message.about_id)
        .where(
            Message.about_id.in_(visits),
            Message.audience == "patient",
            Message.status.in_(("queued", "sending")),
        )
        .distinct()
    )
    for visit_id in db.session.scalars(waiting).all():
        if visit_id:
            messaging.void(visit_id, audience="patient")


def _visits_not_spoken_of(patient_id: UUID, organisation_id: UUID | None) -> sa.Select[UUID] | None:
    """None while everything may be said."""
    visits = sa.select(Appointment.id).where(Appointment.patient_id == patient_id)
    if db.session.get_one(Patient, patient_id).died_on is not None:
        return visits
    link = db.session.get(PatientOrganisation, (patient_id, organisation_id))
    if link is None or link.is_active:
        return None
    return visits.where(Appointment.organisation_id == organisation_id)
