"""What could not be said one way is said the next, or put before the desk."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.messaging.channels import USUAL
from clinic.messaging.channels.whatsapp.texts import NOT_APPROVED
from clinic.messaging.facts import MessageFailed, MessageSkipped
from clinic.messaging.models import Message
from clinic.messaging.queueing import refusals
from clinic.messaging.queueing.reach import Reach
from clinic.messaging.senders import chosen
from clinic.reminders import addresses
from clinic.reminders.models import Reminder
from clinic.reminders.own import otherwise as own
from clinic.reminders.visits import planning, plans
from clinic.reminders.visits.planning import Due


def on_message_failed(facts: Sequence[MessageFailed]) -> None:
    """LATER: what a provider or a mail server refused."""
    for fact in facts:  # one by one: they are few, and each may be of another kind
        _say_otherwise(fact.message_id, has_failed=True)


def on_message_skipped(facts: Sequence[MessageSkipped]) -> None:
    """LATER: what never went, for its address or for want of a provider."""
    for fact in facts:
        _say_otherwise(fact.message_id, has_failed=False)


def _say_otherwise(message_id: UUID, has_failed: bool) -> None:
    message = db.session.get(Message, message_id)
    if message is None or message.about_id is None:
        if message and message.error_code == NOT_APPROVED:  # nobody else would say it
            refusals.put_before_desk(message_id)
        return
    if own.is_of_one(message):
        own.say_otherwise(message, has_failed)
        return
    plan = _plan_of(message)
    if plan is None or plan.appointment_id is None:
        refusals.put_before_desk(message_id)
        return
    others = _others_of(plan)
    if any(one.created_at > message.created_at for one in others):
        return  # it was said otherwise before: facts may be told twice
    following = _following(message, plan.appointment_id, plan, others, has_failed)
    if following is None:
        refusals.put_before_desk(message_id)
        return
    for visit in plans.visits([plan.appointment_id]).values():
        plans.insert([(visit, Due(plan.rule, following, clock.now()))])


def _plan_of(message: Message) -> Reminder | None:
    kind, _, key = (message.dedupe_key or "").partition(":")
    return db.session.get(Reminder, UUID(key)) if kind == "reminder" else None


def _others_of(plan: Reminder) -> Sequence[Reminder]:
    """All that says the same of the visit, by whatever channel."""
    same = (Reminder.appointment_id == plan.appointment_id, Reminder.rule == plan.rule)
    return db.session.scalars(sa.select(Reminder).where(*same)).all()


def _following(
    message: Message, visit_id: UUID, plan: Reminder, others: Sequence[Reminder], has_failed: bool
) -> str | None:
    """The next channel, among those by which it was neither planned nor sent."""
    keys = [f"reminder:{one.id}" for one in others]
    sent = db.session.scalars(sa.select(Message.channel).where(Message.dedupe_key.in_(keys)))
    tried = {one.channel for one in others} | set(sent)
    to_doctor = planning.is_to_doctor(plan.rule)
    reach = addresses.reach_of(visit_id, to_doctor)
    able = chosen.ways(plan.organisation_id, "doctor" if to_doctor else "patient")
    left = [name for name in reach.in_order(able) if name not in tried and reach.instead(name)]
    return _first(left, message, reach) if has_failed else next(iter(left), None)


def _first(left: Collection[str], message: Message, reach: Reach) -> str | None:
    """A number that took no text takes no WhatsApp either; but not every number has WhatsApp."""
    if message.channel == USUAL["phone"]:
        left = [name for name in left if reach.by(name) != message.address]
    return next(iter(left), None)
