from clinic.core.errors import Conflict, FieldError


class AlreadySettled(Conflict):
    """Carries the reminder's current status."""

    code, title = "already_settled", "It is too late to cancel this reminder"

    def __init__(self, status: str) -> None:
        now = FieldError("status", status, f"The reminder is {status}")
        super().__init__(f"It is too late to cancel this reminder: it is {status}.", [now])
        self.current = status
