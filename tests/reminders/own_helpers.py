"""Reminders that people make, and what became of them."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.messaging.models import Message
from clinic.reminders.keeping import make
from clinic.reminders.keeping.make import Wanted
from clinic.reminders.models import OwnReminder, Reminder
from clinic.reminders.telling import due
from tests.cast import NOW, Person

IN_AN_HOUR = NOW + timedelta(hours=1)
TABLETS = {"title": "Tablets", "message": "Please take one with water.", "type": "medication"}


def made(by: Person, at: datetime = IN_AN_HOUR, **wanted: object) -> UUID:
    """By somebody; to themselves, unless it says otherwise."""
    return make.make(Wanted(**TABLETS | {"delivery_time": at} | wanted), by.actor)


def tick(at: datetime) -> int:
    """What the worker does then. Returns how many reminders it looked at."""
    total = 0
    with clock.travelled(at):
        while done := due.queue_due():
            total += done
    return total


def row(reminder_id: UUID) -> Reminder:
    db.session.rollback()
    return db.session.get_one(Reminder, reminder_id, populate_existing=True)


def own(reminder_id: UUID) -> OwnReminder:
    return db.session.get_one(OwnReminder, reminder_id, populate_existing=True)


def sent(reminder_id: UUID | str) -> list[Message]:
    """Its messages, in the order they were due."""
    db.session.rollback()
    rows = sa.select(Message).where(Message.about_id == UUID(str(reminder_id)))
    return [*db.session.scalars(rows.order_by(Message.due_at, Message.address))]
