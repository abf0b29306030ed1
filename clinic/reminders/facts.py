"""What happens to reminders."""

from uuid import UUID

from clinic.events.fact import Fact, fact


@fact("reminder.cancelled")
class ReminderCancelled(Fact):
    reminder_id: UUID
