"""What can go wrong with a doctor's profile."""

from clinic.core.errors import N_, ClinicError, Conflict, FieldError, NotFound


class BadProfile(ClinicError):
    status, code, title = 400, "bad_profile", N_("That profile is not possible")

    def __init__(self, field: str, code: str, words: str, **values: object) -> None:
        super().__init__(words, [FieldError(field, code, words, values)], **values)


class ProfileMissing(NotFound):
    code, title = "profile_missing", N_("Set up your profile first")


class LicenceInUse(Conflict):
    code, title = "licence_in_use", N_("Another doctor has this licence number")
