"""Reminders that a person took back by hand: no step of a visit brings them back."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.reminders.facts import ReminderCancelled
from clinic.reminders.models import Reminder


def among_them(reminder_ids: Collection[UUID]) -> set[UUID]:
    """Those of the reminders that a person ended, not a step of their visit."""
    if not reminder_ids:
        return set()
    first = sa.select(sa.func.min(Reminder.created_at)).where(among(Reminder.id, reminder_ids))
    told = db.session.scalars(
        sa.select(EventRow.payload).where(
            EventRow.name == ReminderCancelled.name, EventRow.at >= first.scalar_subquery()
        )
    )
    return {UUID(one["reminder_id"]) for one in told} & set(reminder_ids)
