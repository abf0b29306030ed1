"""What can go wrong with an organisation's data and rules."""

from clinic.core.errors import N_, ClinicError, Conflict, FieldError


class WrongValue(ClinicError):
    """One field of an organisation's data or rules is not possible."""

    code, title = "invalid", N_("Some of these details are not right")

    def __init__(self, field: str, words: str, **values: object) -> None:
        super().__init__(words, [FieldError(field, "invalid", words, values)], **values)


class NameTaken(Conflict):
    code, title = "name_taken", N_("Another organisation has this name")

    def __init__(self, words: str | None = None) -> None:
        super().__init__(words, [FieldError("name", self.code, words or self.title)])


class VisitsToCome(Conflict):
    code = "visits_to_come"
    title = N_("The time zone stays as it is while visits are booked: their times would move")
