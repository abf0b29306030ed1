"""What can be wrong with a message."""

from clinic.core.errors import N_, Conflict, FieldError


class CannotResend(Conflict):
    """`why` is for programs; the words say it to people."""

    code, title = "cannot_resend", N_("It cannot be sent again")

    def __init__(self, why: str, words: str) -> None:
        super().__init__(words, [FieldError("message", why, words)])
