"""What can go wrong with an organisation's data and rules."""

from clinic.core.errors import N_, Conflict, FieldError


class NameTaken(Conflict):
    code, title = "name_taken", N_("Another organisation has this name")

    def __init__(self, words: str | None = None) -> None:
        super().__init__(words, [FieldError("name", self.code, words or self.title)])


class VisitsToCome(Conflict):
    code = "visits_to_come"
    title = N_("The time zone stays as it is while visits are booked: their times would move")
