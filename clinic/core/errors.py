"""What every room can say when it cannot: subclasses use the words of the trade.

Nobody is known here who reads it. An error carries its words as they stand in the catalogue, and
the values for their gaps; `core.web.problems` puts both into the reader's language, once.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def N_(words: str) -> str:  # noqa: N802 - what gettext calls it everywhere
    """Mark words for the catalogue, where no reader is known yet."""
    return words


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `words` have gaps such as %(most)s for the `values`."""

    field: str
    code: str
    words: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


class ClinicError(Exception):
    """Something the person can understand and act on. Subclasses set status, code and title."""

    status = 400
    code = "invalid"
    title = N_("That did not work")

    def __init__(
        self, words: str | None = None, errors: Sequence[FieldError] = (), **values: object
    ) -> None:
        """`words` say more than the title; `values` fill the gaps in them."""
        super().__init__(words or self.title)
        self.words = words or self.title
        self.values = values
        self.errors = tuple(errors)


class NotFound(ClinicError):
    """Absent, or somebody else's: the two must look the same."""

    status, code, title = 404, "not_found", N_("We could not find that")


class Forbidden(ClinicError):
    status, code, title = 403, "forbidden", N_("Your account cannot do this")


class Conflict(ClinicError):
    status, code, title = 409, "conflict", N_("That is no longer possible")


class TooMany(ClinicError):
    status, code, title = 429, "too_many", N_("Too many tries")

    def __init__(self, words: str, retry_after_s: int) -> None:
        super().__init__(words)
        self.retry_after_s = retry_after_s


class Unavailable(ClinicError):
    status, code, title = 503, "unavailable", N_("Please try again in a moment")
    retry_after_s = 5
