"""What was said of a visit, said again: in the words and to the address of today."""

from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import MOVED, Appointment
from clinic.appointments.reading.visit import VISITS
from clinic.core import clock
from clinic.core.data.db import UtcDateTime, db
from clinic.core.errors import N_
from clinic.messaging.errors import CannotResend
from clinic.messaging.queueing.messages import NewMessage
from clinic.reminders.own import wording
from clinic.reminders.telling import own, visit
from clinic.reminders.visits import planning

_RULES = {template: rule for rule, template in planning.TEMPLATES.items()}
for _ahead in (planning.BEFORE, planning.AHEAD_OF_DOCTOR):
    _RULES[planning.template_of(_ahead)] = _ahead


def message_again(
    template: str, about_id: UUID, channel: str, dedupe_key: str | None = None
) -> NewMessage | None:
    """In the words and to the address of today; None of what no room keeps.

    Raises CannotResend where it would mislead, or where that channel has no address now.
    """
    if template == wording.TEMPLATE:
        return own.message_again(about_id, channel, dedupe_key)
    rule = _RULES.get(template)
    if rule is None:
        return None
    plan = (
        sa.literal(str(about_id)).label("plan_id"),
        sa.literal(rule).label("rule"),
        sa.literal(channel).label("plan_channel"),
        sa.literal(clock.now(), UtcDateTime()).label("plan_due_at"),
    )
    query = visit.told(VISITS.add_columns(*plan)).where(Appointment.id == about_id)
    row = db.session.execute(query, {"now": clock.now()}).one_or_none()
    if row is None:
        raise CannotResend("no_visit", N_("The visit is no longer here."))
    _must_be_true(row)
    message = visit.message_of(row, channel)
    if message.channel != channel or not message.address:
        raise CannotResend(
            "no_address", N_("No address is known now for this way. Add one, or call.")
        )
    return message


def _must_be_true(row: sa.Row) -> None:
    if row.rule not in planning.STILL_TRUE_AFTER_START and row.starts_at <= clock.now():
        raise CannotResend("begun", N_("The visit has begun, so this would come too late."))
    if row.rule == planning.REQUESTED and row.status != "pending":
        words = N_("The request was answered meanwhile, so this is no longer true.")
        raise CannotResend("answered", words)
    if not visit.is_true(row):
        raise CannotResend(*_what_changed(row))


def _what_changed(row: sa.Row) -> tuple[str, str]:
    if row.status != "cancelled":
        return "changed", N_("The visit has changed meanwhile, so this is no longer true.")
    if row.cancel_reason == MOVED:
        return "moved", N_("The visit was moved meanwhile, so this is no longer true.")
    return "cancelled", N_("The visit was cancelled meanwhile, so this is no longer true.")
