"""What happens to reminders."""

from uuid import UUID

from clinic.events.fact import Fact, fact


@fact("reminder.created")
class ReminderCreated(Fact):
    """By a person."""

    reminder_id: UUID


@fact("reminder.updated")
class ReminderUpdated(Fact):
    reminder_id: UUID


@fact("reminder.paused")
class ReminderPaused(Fact):
    reminder_id: UUID


@fact("reminder.resumed")
class ReminderResumed(Fact):
    reminder_id: UUID


@fact("reminder.sent_ahead")
class ReminderSentAhead(Fact):
    """Somebody, or a machine, had it sent before its time."""

    reminder_id: UUID


@fact("reminder.cancelled")
class ReminderCancelled(Fact):
    reminder_id: UUID


@fact("reminder_rules.changed")
class ReminderRulesChanged(Fact):
    """Of the organisation, or its quiet hours."""

    organisation_id: UUID  # in the payload, too
