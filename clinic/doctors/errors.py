"""What can go wrong with a doctor's profile."""

from clinic.core.errors import ClinicError, Conflict, FieldError, NotFound


class BadProfile(ClinicError):
    status, code, title = 400, "bad_profile", "That profile is not possible"

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message, [FieldError(field, code, message)])


class ProfileMissing(NotFound):
    code, title = "profile_missing", "Set up your profile first"


class LicenceInUse(Conflict):
    code, title = "licence_in_use", "Another doctor has this licence number"
