"""What every room can say when it cannot: subclasses use the words of the trade."""

from collections.abc import Sequence


class ClinicError(Exception):
    """Something the person can understand and act on. Subclasses set status, code and title."""

    status = 400
    code = "invalid"
    title = "That did not work"

    def __init__(self, message: str | None = None, errors: Sequence[dict[str, str]] = ()) -> None:
        super().__init__(message or self.title)
        self.message = message or self.title
        self.errors = list(errors)


class NotFound(ClinicError):
    """Absent, or somebody else's: the two must look the same."""

    status, code, title = 404, "not_found", "We could not find that"


class Forbidden(ClinicError):
    status, code, title = 403, "forbidden", "Your account cannot do this"


class Conflict(ClinicError):
    status, code, title = 409, "conflict", "That is no longer possible"


class TooMany(ClinicError):
    status, code, title = 429, "too_many", "Too many tries"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(ClinicError):
    status, code, title = 503, "unavailable", "Please try again in a moment"
    retry_after_s = 5
