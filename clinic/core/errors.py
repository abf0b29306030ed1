"""What every room can say when it cannot: subclasses use the words of the trade.

Nobody is known here who reads it. An error carries its words as they stand in the catalogue, and
the values for their gaps; `core.web.problems` puts both into the reader's language, once.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self


def N_(words: str) -> str:  # noqa: N802 - what gettext calls it everywhere
    """Mark words for the catalogue, where no reader is known yet."""
    return words


WORDS = {  # by code: what is said of a value, unless a room has words of its own for a field
    "in_the_future": N_("This day has not come yet."),
    "name_link": N_(
        "A name cannot hold the address of a website or a mailbox. Put a space after each dot."
    ),
    "name_letters": N_("A name has at least one letter or digit."),
    "not_a_country": N_("Enter the two letters of a country, such as GB."),
    "not_a_date": N_("Write the day as YYYY-MM-DD."),
    "not_a_language": N_("Write the language's code, such as en or pt-BR."),
    "not_a_phone": N_(
        "Enter a number such as %(national)s, or %(international)s with the country code."
    ),
    "phone_country": N_(
        "Texts go only to numbers of %(countries)s. Enter one of those, or ask the clinic."
    ),
    "phone_is_ours": N_("This is the number that our own messages come from. Enter another one."),
    "phone_kind": N_(
        "Calls or texts to this number cost extra, or reach no person. Enter a mobile or landline."
    ),
    "not_a_zone": N_("Enter a zone such as Europe/London."),
    "not_an_email": N_("Enter an address such as name@example.org"),
    "not_in_range": N_("Enter a number from %(least)s to %(most)s."),
    "not_text": N_("Write it as text."),
    "not_yes_or_no": N_("Say yes or no."),
    "required": N_("Enter something here."),
    "too_long": N_("Use at most %(most)s characters."),
    "too_long_ago": N_("Nobody alive remembers this day. Check the year."),
    "too_short": N_("Use at least %(least)s characters."),
    "unknown_choice": N_("Choose one of: %(options)s."),
    "unstorable": N_("Remove the characters that cannot be stored."),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `words` have gaps such as %(most)s for the `values`."""

    field: str
    code: str
    words: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Wrong(ValueError):
    """Why a value cannot be stored. Whoever knows which field it is makes Invalid of it."""

    def __init__(self, code: str, words: str | None = None, **values: object) -> None:
        self.code, self.words, self.values = code, words or WORDS[code], values
        super().__init__(self.words % values if values else self.words)

    def of(self, field: str) -> FieldError:
        return FieldError(field, self.code, self.words, self.values)


class ClinicError(Exception):
    """Something the person can understand and act on. Subclasses set status, code and title."""

    status = 400
    code = "invalid"
    title = N_("That did not work")

    def __init__(
        self, words: str | None = None, errors: Sequence[FieldError] = (), **values: object
    ) -> None:
        """`words` say more than the title; `values` fill the gaps in them."""
        self.words = words or self.title
        super().__init__(self.words % values if values else self.words)
        self.values = values
        self.errors = tuple(errors)

    @property
    def members(self) -> Mapping[str, object]:
        """What a program reads of it beside code and words, by name."""
        return {}


class Invalid(ClinicError):
    """Carries what is wrong with which field. Subclasses are a room's title for it."""

    status, code, title = 400, "invalid", N_("Some of these details are not right")

    @classmethod
    def of(cls, field: str, words: str, code: str = "invalid", **values: object) -> Self:
        """One field, of which the whole says the same."""
        return cls(words, [FieldError(field, code, words, values)], **values)


class BadRange(ClinicError):
    code, title = "bad_range", N_("Those days cannot be asked for")

    def __init__(self, most: int) -> None:
        super().__init__(N_("Ask for 1 to %(most)s days, the first of them first."), most=most)


class NotFound(ClinicError):
    """Absent, or somebody else's: the two must look the same."""

    status, code, title = 404, "not_found", N_("We could not find that")


class Forbidden(ClinicError):
    status, code, title = 403, "forbidden", N_("Your account cannot do this")


class TooSlow(ClinicError):
    status, code, title = 408, "too_slow", N_("Your connection was too slow")


class Conflict(ClinicError):
    status, code, title = 409, "conflict", N_("That is no longer possible")


class TooMany(ClinicError):
    status, code, title = 429, "too_many", N_("Too many tries")

    def __init__(self, words: str, retry_after_s: int, **values: object) -> None:
        super().__init__(words, (), **values)
        self.retry_after_s = retry_after_s


class Unavailable(ClinicError):
    status, code, title = 503, "unavailable", N_("Please try again in a moment")
    retry_after_s = 5
