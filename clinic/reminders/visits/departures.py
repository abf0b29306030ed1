"""Patients whom an organisation no longer cares for, and those of doctors who left: what it would
tell them is taken back, and planned again when that was a mistake."""

from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.facts import UserFact
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data.db import db
from clinic.doctors.models import Doctor
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages as messaging
from clinic.patients.facts import PatientFact
from clinic.patients.models import PatientOrganisation
from clinic.reminders.models import Reminder
from clinic.reminders.visits import anew, plans


def on_patient_changed(fact: PatientFact) -> None:
    """NOW, with the change itself. The dead read nothing from there; doctors still do."""
    if _is_spoken_to(fact.patient_id, fact.organisation_id):
        _plan_again(_visits(fact))
    else:
        _take_back(_visits(fact), ~plans.TO_DOCTOR)


def on_doctor_changed(fact: UserFact) -> None:
    """NOW, after the change: nobody is told to come to a doctor who left, until they are back."""
    doctor = db.session.execute(
        sa.select(Doctor.id, Doctor.is_active).where(Doctor.user_id == fact.user_id)
    ).one_or_none()
    if doctor is None:
        return
    to_come = sa.select(Appointment.id).where(
        Appointment.doctor_id == doctor.id, Appointment.status.in_(sorted(UPCOMING))
    )
    if doctor.is_active:
        _plan_again(to_come)
    else:
        _take_back(to_come, sa.or_(~plans.TO_DOCTOR, plans.AHEAD))


def _take_back(visits: sa.Select[UUID], which: sa.ColumnElement[bool]) -> None:
    # Plans first: that waits for whoever is turning them into messages, so none slips through.
    db.session.execute(
        sa.update(Reminder)
        .where(
            Reminder.appointment_id.in_(visits),
            Reminder.status == "planned",
            which,
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


def _plan_again(visits: sa.Select[UUID]) -> None:
    """What is still to come, where it ended by a mistake or they are back. What was due meanwhile
    is not told late."""
    to_come = (Appointment.status.in_(sorted(UPCOMING)), Appointment.starts_at > clock.now())
    anew.plan(db.session.scalars(visits.where(*to_come)).all())


def _is_spoken_to(patient_id: UUID, organisation_id: UUID | None) -> bool:
    link = db.session.get(PatientOrganisation, (patient_id, organisation_id))
    return link is None or (link.is_active and link.died_on is None)


def _visits(fact: PatientFact) -> sa.Select[UUID]:
    return sa.select(Appointment.id).where(
        Appointment.patient_id == fact.patient_id,
        Appointment.organisation_id == fact.organisation_id,
    )
