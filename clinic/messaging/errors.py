"""What can be wrong with a message."""

from clinic.core.errors import N_, Conflict, FieldError


class CannotResend(Conflict):
    """`why` is for programs; the words say it to people."""

    code, title = "cannot_resend", N_("It cannot be sent again")

    def __init__(self, why: str, words: str) -> None:
        super().__init__(words, [FieldError("message", why, words)])


class CannotCancel(Conflict):
    """`why` is for programs; the words say it to people."""

    code, title = "cannot_cancel", N_("It cannot be stopped")

    def __init__(self, why: str, words: str) -> None:
        super().__init__(words, [FieldError("message", why, words)])


class SenderTaken(Conflict):
    code, title = "sender_taken", N_("Somebody sends from this already")

    def __init__(self) -> None:
        words = N_("This sender is in use already. Each belongs to one organisation.")
        super().__init__(words, [FieldError("value", self.code, words)])


class NotProven(Conflict):
    """`words` say what is missing."""

    code, title = "not_verified", N_("This sender is not verified yet")

    def __init__(self, words: str) -> None:
        super().__init__(words, [FieldError("sender", self.code, words)])


class WordingChanged(Conflict):
    code, title = "wording_changed", N_("Somebody else has changed these words")

    def __init__(self) -> None:
        words = N_(
            "Somebody else changed these words meanwhile. Open them again, then change them."
        )
        super().__init__(words, [FieldError("body", self.code, words)])


class CannotReply(Conflict):
    """`why` is for programs; the words say it to people."""

    code, title = "cannot_reply", N_("This reply cannot be sent")

    def __init__(self, why: str, words: str) -> None:
        super().__init__(words, [FieldError("text", why, words)])


class Meanwhile(Conflict):
    code, title = "meanwhile", N_("A colleague was faster")

    def __init__(self, words: str, name: str) -> None:
        super().__init__(words, name=name)


class AlreadyClaimed(Conflict):
    code, title = "already_claimed", N_("Somebody else answers this")

    def __init__(self, name: str) -> None:
        super().__init__(N_("%(name)s answers this already."), name=name)


class ChangedMeanwhile(Conflict):
    code, title = "changed_meanwhile", N_("It was changed meanwhile")

    def __init__(self) -> None:
        super().__init__(N_("It leads elsewhere than the last check saw. Check again."))
