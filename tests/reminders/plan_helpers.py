"""What the worker does, and what it left in the tables."""

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.events import jobs as events
from clinic.messaging import jobs as messaging
from clinic.messaging.models import Message
from clinic.reminders import jobs as reminders
from clinic.reminders.models import Reminder
from tests.cast import at

ASHA, DR_CHANDRA = "+447700900000", "+447700900010"
LATE = at("11:00")  # so that the reminder of a visit lies in the future


def work():
    """What the worker does at each tick, but for the last step: handing messages over."""
    events.deliver_due()
    events.run_tasks()
    events.deliver_due()
    reminders.send_due()


def handed_over(visit):
    """The same visit, after all that waits was handed to the provider: that ends the session."""
    key = visit.id
    messaging.deliver_due()
    return db.session.get_one(Appointment, key)


def plans(visit):
    """`{(rule, channel): status}`"""
    rows = sa.select(Reminder).where(Reminder.appointment_id == visit.id)
    db.session.rollback()
    return {(row.rule, row.channel): row.status for row in db.session.scalars(rows)}


def messages(visit, to=ASHA):
    """`[(template, status)]` in the order they were queued."""
    rows = sa.select(Message).where(Message.about_id == visit.id, Message.address == to)
    db.session.rollback()
    found = db.session.scalars(rows.order_by(Message.created_at, Message.due_at))
    return [(row.template, row.status) for row in found]
