"""What can be wrong with a reminder."""

from clinic.core.errors import N_, Conflict, FieldError, Invalid

_SETTLED = {
    "cancelled": N_("It is too late: the reminder is cancelled."),
    "sent": N_("It is too late: the reminder was sent."),
    "queued": N_("It is too late: the reminder is on its way."),
    "skipped": N_("It is too late: the reminder's time came, and nobody could be told."),
}


class InvalidReminder(Invalid):
    title = N_("Some details of the reminder are not right")


class AlreadySettled(Conflict):
    """Carries the reminder's current status."""

    code, title = "already_settled", N_("It is too late to cancel this reminder")

    def __init__(self, status: str) -> None:
        now = FieldError("status", status, N_("The reminder is %(status)s"), {"status": status})
        words = N_("It is too late to cancel this reminder: it is %(status)s.")
        super().__init__(words, [now], status=status)
        self.current = status


class TooLate(Conflict):
    """To change it, to pause it, to send it: it was sent, or ended otherwise."""

    code, title = "already_settled", N_("It is too late for this")

    def __init__(self, status: str) -> None:
        now = FieldError("status", status, N_("The reminder is %(status)s"), {"status": status})
        super().__init__(_SETTLED.get(status), [now])
        self.current = status


class SentAhead(Conflict):
    code, title = "already_sent", N_("It was sent already. The next one goes out at its time.")


class OfVisit(Conflict):
    """The clinic's rules plan it, and the visit moves it."""

    code = "of_visit"
    title = N_("This reminder belongs to an appointment. It can be cancelled or sent now.")


class TooManyPeople(Conflict):
    code = "too_many_people"
    title = N_("It goes to too many people to be sent beside its times. Change its time instead.")


class TooManyReminders(Conflict):
    code = "too_many_reminders"
    title = N_("You have as many reminders as you can keep. Cancel one first.")


class NotSpokenTo(Conflict):
    code, title = "not_spoken_to", N_("Nothing is sent to this patient any more.")


class RuleTaken(Conflict):
    code, title = "rule_taken", N_("There is a reminder for this time and this way already.")


class TooManyRules(Conflict):
    code, title = "too_many_rules", N_("There are ten reminders already. Delete one first.")
