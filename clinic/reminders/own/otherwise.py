"""What a person wrote and could not be said one way is said the next, or put before the desk."""

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.channels import USUAL
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages as messaging
from clinic.messaging.queueing import refusals
from clinic.messaging.senders import chosen
from clinic.reminders.models import OwnReminder, Reminder
from clinic.reminders.own import occurrence, recipients, wording


def is_of_one(message: Message) -> bool:
    """Is it of a reminder that a person made?"""
    return message.template == wording.TEMPLATE


@transactional
def say_otherwise(message: Message, has_failed: bool) -> None:
    """Harmless twice: what is said by one channel is said by it once."""
    parts = (message.dedupe_key or "").split(":")
    if len(parts) < 4 or parts[0] != "reminder":
        refusals.put_before_desk(message.id)  # one that the desk had sent again
        return
    reminder = db.session.get(Reminder, UUID(parts[1]), populate_existing=True)
    if reminder is None or reminder.status == "cancelled":
        return
    beginning = ":".join(parts[:4])
    own = occurrence.own_of(reminder.id)
    following = _following(message, beginning, reminder, own, has_failed)
    if following is None:
        refusals.put_before_desk(message.id)
        return
    messaging.queue_messages([following])


def _following(
    message: Message, beginning: str, reminder: Reminder, own: OwnReminder, has_failed: bool
) -> messaging.NewMessage | None:
    """By the next channel, among those by which it did not go yet."""
    _, _, key, who = beginning.split(":")
    is_person = who != recipients.TO and (reminder.patient_id or own.choice)
    found = recipients.some(reminder, own, None, 1, who if is_person else None)
    if not found:
        return None
    query = sa.select(Message.channel).where(
        Message.about_id == reminder.id, Message.dedupe_key.startswith(beginning, autoescape=True)
    )
    tried, reach = set(db.session.scalars(query)), found[0].reach
    for name in reach.in_order(chosen.ways(reminder.organisation_id)):
        there = reach.instead(name)
        is_dead = has_failed and message.channel == USUAL["phone"] and there == message.address
        if name in tried or not there or is_dead:
            continue
        until = message.expires_at or clock.now() + occurrence.USEFUL
        (new,) = occurrence.messages_to(found, reminder, own, key, clock.now(), until, name)
        return replace(new, dedupe_key=f"{beginning}:{name}")
    return None
