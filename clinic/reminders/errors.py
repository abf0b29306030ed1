"""What can be wrong with a reminder."""

from clinic.core.errors import N_, Conflict, FieldError


class AlreadySettled(Conflict):
    """Carries the reminder's current status."""

    code, title = "already_settled", N_("It is too late to cancel this reminder")

    def __init__(self, status: str) -> None:
        now = FieldError("status", status, N_("The reminder is %(status)s"), {"status": status})
        words = N_("It is too late to cancel this reminder: it is %(status)s.")
        super().__init__(words, [now], status=status)
        self.current = status
