"""What can go wrong with a patient's record, in the words of the trade."""

from clinic.core.errors import N_, ClinicError, Conflict, FieldError, Invalid


class InvalidDetails(Invalid):
    code, title = "invalid_details", N_("Some details cannot be stored as they are")


class TheirsToChange(Conflict):
    """Carries the fields that belong to a person with a login of their own."""

    code = "theirs_to_change"
    title = N_("This person has a login and keeps these details up to date themselves")


class PatientInactive(Conflict):
    code, title = "patient_inactive", N_("This patient is no longer active at the organisation")


class NoNote(Conflict):
    code, title = "no_note", N_("No other organisation notes this person's death any more")


class NotAnsweredFor(Conflict):
    code = "not_proven"
    title = N_(
        "The account has not confirmed the number or the address that is noted. Anybody can sign"
        " up with a name: ask them to confirm it under Account, then join the records."
    )


class JoinImpossible(Conflict):
    code, title = "join_impossible", N_("These records cannot be joined")
    known_elsewhere = N_("Another organisation knows one of these records, so it stays as it is.")
    inactive = N_("One of these records is not active any more, so it stays as it is.")
    at_one_time = N_("Both have a visit at the same time. Cancel or move one of them first.")


class NobodyNoted(Invalid):
    code, title = "nobody_noted", N_("No clinic noted that date of birth. Check it, or call them.")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("date_of_birth", self.code, self.title)])


class UnreadableList(ClinicError):
    """A file that no row was taken from; its only error says why."""

    code, title = "unreadable_list", N_("We could not read that list")

    def __init__(self, code: str, words: str, **values: object) -> None:
        super().__init__(words, [FieldError("file", code, words, values)], **values)
