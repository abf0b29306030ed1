"""Plan what a visit's people are told, and take it back when the visit changes."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.facts import (
    AppointmentAccepted,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentCreated,
    AppointmentMissed,
    AppointmentRescheduled,
    AppointmentUndone,
)
from clinic.appointments.models import Appointment
from clinic.appointments.steps.take import BY_REPLY
from clinic.core import clock
from clinic.core.data.db import db, insert_new, must_be_writing, transactional
from clinic.core.work import queue
from clinic.doctors.models import Doctor
from clinic.events.service import record
from clinic.messaging.channels import CHANNELS, USUAL
from clinic.messaging.facts import MessageFailed
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages as messaging
from clinic.organisations.models import OrganisationSettings
from clinic.patients.people import queries as patient_queries
from clinic.reminders import planning, queries
from clinic.reminders.errors import AlreadySettled
from clinic.reminders.facts import ReminderCancelled
from clinic.reminders.models import Reminder, ReminderRule
from clinic.reminders.planning import Due, Rule

SEND_JOB = "clinic.reminders.jobs.send_due"


def on_created(fact: AppointmentCreated) -> None:
    """LATER, when a visit is booked: the confirmation and the reminders. Harmless twice."""
    _plan(fact.appointment_id, planning.BOOKED)


def _plan(appointment_id: UUID, news: str) -> None:
    visit = db.session.get(Appointment, appointment_id)
    if visit is None or visit.status in ("cancelled", "no_show"):
        return
    if visit.status == "pending" and _needs_approval(visit):
        news = planning.REQUESTED
    rules = _rules_of(visit.organisation_id)
    _insert(visit, planning.plan(visit.created_at, visit.starts_at, visit.channel, rules, news))


def on_accepted(fact: AppointmentAccepted) -> None:
    """LATER, when people accepted a request: now the patient reads that it is booked."""
    visit = db.session.get(Appointment, fact.appointment_id)
    if visit and _needs_approval(visit):
        _insert(visit, [Due(planning.BOOKED, visit.channel, clock.now())])


def on_cancel(fact: AppointmentCancelled) -> None:
    """NOW, with the cancellation itself: nothing planned or queued about the visit goes out."""
    _silence(fact.appointment_id)


def on_reschedule(fact: AppointmentRescheduled) -> None:
    """NOW, with the move itself: nothing planned or queued about the old time goes out."""
    _silence(fact.previous_id)


def on_rescheduled(fact: AppointmentRescheduled) -> None:
    """LATER: the patient reads the new time and is reminded of it; the doctor whose time became
    free is told as of a cancellation. Harmless twice.
    """
    _plan(fact.appointment_id, planning.RESCHEDULED)
    old = db.session.get_one(Appointment, fact.previous_id)
    new = db.session.get_one(Appointment, fact.appointment_id)
    doctor = db.session.get_one(Doctor, old.doctor_id)
    if old.starts_at > clock.now() and new.booked_by != doctor.user_id:
        _insert(old, [Due(planning.DOCTOR_RESCHEDULED, "sms", clock.now())])


def on_cancelled(fact: AppointmentCancelled) -> None:
    """LATER: both sides are told, but nobody of what they did themselves and saw done."""
    visit = db.session.get(Appointment, fact.appointment_id)
    reason = fact.reason
    if visit is None:
        return
    if reason != "not_accepted" and visit.starts_at <= clock.now():
        return  # an outage ago: whoever was to come knows by now
    rule = planning.NOT_ACCEPTED if reason == "not_accepted" else planning.CANCELLED
    dues = [Due(rule, visit.channel, clock.now())] if reason != BY_REPLY else []
    if reason not in ("by_doctor", "not_accepted"):
        dues.append(Due(planning.DOCTOR_CANCELLED, "sms", clock.now()))
    _insert(visit, dues)


def on_missed(fact: AppointmentMissed) -> None:
    """LATER: the text waits ten minutes, in which a check-in or an undo takes it back."""
    visit = db.session.get(Appointment, fact.appointment_id)
    if visit and visit.status == "no_show" and clock.now() < visit.starts_at + planning.OLD_NEWS:
        later = clock.now() + planning.MISSED_AFTER
        tell = [Due(planning.MISSED, visit.channel, later)]
        _insert(visit, [*tell, Due(planning.DOCTOR_MISSED, "sms", later)])


def on_message_failed(fact: MessageFailed) -> None:
    """LATER: a text that cannot arrive is said by e-mail, if there is an address for it."""
    failed = db.session.get(Message, fact.message_id)
    if failed is None or CHANNELS[failed.channel].is_letter or failed.dedupe_key is None:
        return
    kind, _, key = failed.dedupe_key.partition(":")
    reminder = db.session.get(Reminder, UUID(key)) if kind == "reminder" else None
    visit = db.session.get(Appointment, reminder.appointment_id) if reminder else None
    if reminder is None or reminder.rule in planning.TO_DOCTORS:
        return
    if visit and _has_email(visit):
        _insert(visit, [Due(reminder.rule, USUAL["email"], clock.now())])


def _has_email(visit: Appointment) -> bool:
    return patient_queries.email_of(visit.patient_id, visit.organisation_id) is not None


def on_undone(fact: AppointmentUndone) -> None:
    """NOW, with the undo of a no-show: no text about a visit that was not missed."""
    if fact.was == "no_show":
        _silence(fact.appointment_id)


def on_checked_in(fact: AppointmentCheckedIn) -> None:
    """NOW, when the patient is here: what was planned about their absence ends."""
    _silence(fact.appointment_id)


def _silence(appointment_id: UUID) -> None:
    end_plans(appointment_id)
    messaging.void(appointment_id)


@transactional
def cancel(reminder_id: UUID, actor: Actor) -> None:
    """It will not be sent. Raises NotFound, AlreadySettled; once cancelled it stays as it is."""
    seen = queries.one(actor, reminder_id)
    moved = db.session.scalar(
        sa.update(Reminder)
        .where(Reminder.id == reminder_id, Reminder.status == "planned")
        .values(status="cancelled")
        .returning(Reminder.organisation_id)
    )
    if moved:
        record(ReminderCancelled(organisation_id=moved, reminder_id=reminder_id), actor)
        return
    status = queries.one(actor, seen.id).status
    if status != "cancelled":
        raise AlreadySettled(status)


def end_plans(appointment_id: UUID) -> None:
    must_be_writing()
    db.session.execute(
        sa.update(Reminder)
        .where(Reminder.appointment_id == appointment_id, Reminder.status == "planned")
        .values(status="cancelled")
    )


def _needs_approval(visit: Appointment) -> bool:
    settings = db.session.get(OrganisationSettings, visit.organisation_id)
    return settings is not None and settings.approval_required


def _rules_of(organisation_id: UUID) -> list[Rule]:
    rows = db.session.execute(
        sa.select(ReminderRule.minutes_before, ReminderRule.channel).where(
            ReminderRule.organisation_id == organisation_id, ReminderRule.is_active
        )
    )
    return [Rule(row.minutes_before, row.channel) for row in rows]


def _insert(visit: Appointment, dues: list[Due]) -> None:
    """One row per (visit, rule, channel); a second planning changes nothing."""
    if not dues:
        return
    moment = clock.now()
    statement = insert_new(Reminder.metadata.tables[Reminder.__tablename__])
    rows = [_row(visit, due, moment) for due in dues]
    # With RETURNING all rows go in one statement, which is compiled once and for all.
    db.session.execute(statement.returning(Reminder.id), rows)
    if any(due.at <= moment for due in dues):
        queue.kick(SEND_JOB)


def _row(visit: Appointment, due: Due, moment: datetime) -> dict[str, object]:
    return {
        "id": uuid4(),
        "organisation_id": visit.organisation_id,
        "appointment_id": visit.id,
        "rule": due.rule,
        "channel": due.channel,
        "due_at": due.at,
        "status": "planned",
        "created_at": moment,
    }
