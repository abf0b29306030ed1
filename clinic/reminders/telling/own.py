"""A reminder that a person wrote, said again: in its words of now, where its reader is now."""

from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import N_
from clinic.messaging.errors import CannotResend
from clinic.messaging.models import Message
from clinic.messaging.queueing.messages import NewMessage
from clinic.reminders.models import OwnReminder, Reminder
from clinic.reminders.own import occurrence, recipients
from clinic.reminders.own.recipients import Recipient

RESENT = "resend:"  # how the keys begin of what was sent again before, with the id of that


def message_again(reminder_id: UUID, channel: str, dedupe_key: str | None) -> NewMessage | None:
    """By that channel, to whom the message of that key went; None where nobody knows who it was.

    Raises CannotResend where it is not for them any more, or has no such address now.
    """
    reminder = db.session.get(Reminder, reminder_id, populate_existing=True)
    if reminder is None:
        raise CannotResend("no_reminder", N_("The reminder is no longer here."))
    if reminder.status == "cancelled":
        raise CannotResend("cancelled", N_("The reminder was cancelled meanwhile."))
    parts = _first_key(dedupe_key).split(":")
    if len(parts) < 4:
        return None
    key, who = parts[2:4]
    own = occurrence.own_of(reminder_id)
    found = _reader(reminder, own, who)
    if not found:
        words = N_("It is not for them any more: they left, died, or were taken out of it.")
        raise CannotResend("not_for_them", words)
    moment = clock.now()
    until = moment + occurrence.USEFUL
    (new,) = occurrence.messages_to(found, reminder, own, key, moment, until, channel)
    if new.channel != channel or not new.address:
        raise CannotResend(
            "no_address", N_("No address is known now for this way. Add one, or call.")
        )
    return new


def _first_key(key: str | None) -> str:
    """Of the message that was not sent again, but by itself."""
    while key and key.startswith(RESENT):
        before = UUID(key.removeprefix(RESENT).partition(":")[0])
        key = db.session.scalar(sa.select(Message.dedupe_key).where(Message.id == before))
    return key or ""


def _reader(reminder: Reminder, own: OwnReminder, who: str) -> list[Recipient]:
    is_person = who != recipients.TO and (reminder.patient_id or own.choice)
    return recipients.some(reminder, own, None, 1, who if is_person else None)
