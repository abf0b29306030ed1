"""Commands on single reminders."""

from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core.data.db import db, transactional
from clinic.events.service import record
from clinic.reminders import queries
from clinic.reminders.errors import AlreadySettled
from clinic.reminders.facts import ReminderCancelled
from clinic.reminders.models import Reminder


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
