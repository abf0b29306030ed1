"""What 0.1 left in the outbox is handled, by the names and with the payloads that it wrote.

Everything here is spelled out, so that a handler or a key with a new name does not pass.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.appointments.booking.move import reschedule
from clinic.core.data.db import db
from clinic.events import jobs
from clinic.events.fact import DECLARED, restored
from clinic.events.queries import tasks_about
from clinic.messaging.models import Message
from tests.cast import TODAY, at
from tests.events.rows import about, deliveries, forget_deliveries, wait
from tests.factories import book, scheduled, set_rules, take
from tests.reminders.plan_helpers import LATE, plans, work

pytestmark = pytest.mark.usefixtures("in_app")

WRITTEN = {
    "user.created": {"user_id", "role"},
    "user.logged_in": {"user_id"},
    "user.logged_out": {"user_id"},
    "user.updated": {"user_id"},
    "user.invited": {"user_id", "key_id"},
    "user.deactivated": {"user_id"},
    "user.reactivated": {"user_id"},
    "user.role_changed": {"user_id", "role", "was"},
    "user.password_changed": {"user_id"},
    "user.password_reset": {"user_id"},
    "user.contact_verified": {"user_id", "kind"},
    "user.contact_changed": {"user_id", "kind"},
    "user.two_factor_enabled": {"user_id"},
    "user.two_factor_disabled": {"user_id"},
    "user.session_ended": {"user_id"},
    "user.token_reused": {"user_id"},
    "organisation.created": {"organisation_id"},
    "organisation.updated": {"organisation_id"},
    "settings.updated": {"organisation_id"},
    "patient.registered": {"patient_id"},
    "patient.updated": {"patient_id"},
    "patient.deactivated": {"patient_id"},
    "patient.imported": {"import_id"},
    "doctor.created": {"doctor_id"},
    "doctor.updated": {"doctor_id"},
    "schedule.published": {"schedule_id", "doctor_id"},
    "schedule.updated": {"schedule_id", "doctor_id"},
    "schedule.withdrawn": {"schedule_id", "doctor_id"},
    "time_off.taken": {"time_off_id", "doctor_id"},
    "time_off.withdrawn": {"time_off_id", "doctor_id"},
    "appointment.created": {"appointment_id", "doctor_id", "patient_id", "status"},
    "appointment.accepted": {"appointment_id", "doctor_id", "patient_id", "status"},
    "appointment.confirmed": {"appointment_id", "doctor_id", "patient_id", "status"},
    "appointment.cancelled": {"appointment_id", "doctor_id", "patient_id", "status", "reason"},
    "appointment.rescheduled": {
        "appointment_id", "doctor_id", "patient_id", "status", "previous_id",
    },
    "appointment.checked_in": {"appointment_id", "doctor_id", "patient_id", "status"},
    "appointment.started": {"appointment_id", "doctor_id", "patient_id", "status"},
    "appointment.completed": {"appointment_id", "doctor_id", "patient_id", "status"},
    "appointment.no_show": {"appointment_id", "doctor_id", "patient_id", "status"},
    "appointment.undone": {"appointment_id", "doctor_id", "patient_id", "status", "was"},
    "reminder.cancelled": {"reminder_id"},
    "message.failed": {"message_id", "error_code"},
    "message.received": {"message_id"},
    "address.opted_out": {"message_id"},
    "address.opted_in": {"message_id"},
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_every_event_it_wrote_is_still_declared_with_its_keys(name):
    kinds = DECLARED[name].kinds
    assert WRITTEN[name] <= kinds.keys()
    written = {key: str(uuid4()) for key in WRITTEN[name]}
    read = restored(name, uuid4(), None, written)
    # Keys that came later have a default: a row without them is still read.
    assert {getattr(read, key) for key in kinds.keys() - WRITTEN[name]} <= {None}


def test_a_booking(cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    forget_deliveries()
    wait(
        "appointment.created",
        about(visit, "pending"),
        "appointments.on_created",
        "reminders.on_created",
        topic="appointment.created",
        organisation_id=cast.harbour,
    )
    assert jobs.deliver_due() == 2
    (task,) = tasks_about(visit.id)
    assert (task.kind, task.organisation_id) == ("accept_booking", cast.harbour)
    assert plans(visit).keys() == {("booked", "sms"), ("before_3h", "sms")}
    assert all(row.done_at and not row.error for row in deliveries().values())


def test_an_acceptance(cast):
    set_rules(cast.harbour, approval_required=True)
    visit = take(book(cast.asha, cast.dr_chandra, LATE), "accept", by=cast.esha)
    forget_deliveries()
    wait("appointment.accepted", about(visit, "scheduled"), "reminders.on_accepted")
    assert jobs.deliver_due() == 1
    assert plans(visit).keys() == {("booked", "sms")}


def test_a_cancellation(cast):
    visit = take(scheduled(cast.asha, cast.dr_chandra, LATE), "cancel", by=cast.asha)
    forget_deliveries()
    payload = about(visit, "cancelled", reason="by_patient")
    wait("appointment.cancelled", payload, "reminders.on_cancelled")
    assert jobs.deliver_due() == 1
    assert plans(visit).keys() == {("cancelled", "sms"), ("doctor_cancelled", "sms")}


def test_a_move(cast):
    old = scheduled(cast.asha, cast.dr_chandra, LATE)
    new = reschedule(old.id, at("10:00", TODAY + timedelta(days=1)), cast.asha.actor)
    forget_deliveries()
    payload = about(new, "scheduled", previous_id=str(old.id))
    wait("appointment.rescheduled", payload, "reminders.on_rescheduled")
    assert jobs.deliver_due() == 1
    assert ("rescheduled", "sms") in plans(new)
    assert ("doctor_rescheduled", "sms") in plans(old)


def test_a_missed_visit(cast, monday_morning):
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    monday_morning.move_to(LATE + timedelta(minutes=20))
    take(visit, "no_show", by=cast.esha)
    forget_deliveries()
    wait("appointment.no_show", about(visit, "no_show"), "reminders.on_missed")
    assert jobs.deliver_due() == 1
    assert plans(visit).keys() == {("missed", "sms"), ("doctor_missed", "sms")}


@pytest.mark.parametrize("error_code", ["30003", None])
def test_a_message_that_failed(cast, error_code):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    message_id = db.session.scalars(sa.select(Message.id).filter_by(about_id=visit.id)).one()
    forget_deliveries()
    payload = {"message_id": str(message_id), "error_code": error_code}
    wait("message.failed", payload, "reminders.on_message_failed", topic="message.failed")
    assert jobs.deliver_due() == 1
    assert ("booked", "email") in plans(visit)
