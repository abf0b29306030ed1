"""What can go wrong with an organisation's data and rules."""

from clinic.core.errors import ClinicError, Conflict, FieldError


class WrongValue(ClinicError):
    """One field of an organisation's data or rules is not possible."""

    code, title = "invalid", "Some of these details are not right"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, [FieldError(field, "invalid", message)])


class NameTaken(Conflict):
    code, title = "name_taken", "Another organisation has this name"

    def __init__(self, message: str | None = None) -> None:
        words = message or self.title
        super().__init__(words, [FieldError("name", self.code, words)])


class VisitsToCome(Conflict):
    code = "visits_to_come"
    title = "The time zone stays as it is while visits are booked: their times would move"
