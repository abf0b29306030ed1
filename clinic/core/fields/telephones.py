"""A telephone number, by whatever door it comes: how it is written, and whether it may be kept."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from phonenumbers import PhoneNumber as Number

from clinic.core import phones, running
from clinic.core.errors import Wrong
from clinic.core.fields.kinds import JudgedInBodies
from clinic.core.phones import Use

LONGEST_PHONE = 30  # characters, as it is typed

InForce = str | None | Callable[[], str | None]
Kept = Callable[[], Collection[str | None]]


class Policy(Protocol):
    """What the running product says of numbers; the factory registers it as `telephones`."""

    def serves(self, countries: Collection[str], in_force: str | None) -> bool:
        """Whether texts may go to one of these countries; `in_force` is where it is typed."""

    def served(self, in_force: str | None) -> Collection[str]: ...

    def is_ours(self, number: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class PhoneNumber(JudgedInBodies):
    """Kept as E.164. `country`, or what finds it, reads numbers without the code of one.

    `use` None asks for the form alone: a command judges the rest. What `kept` returns, asked only
    of a number that would be refused, stays: rules come later than numbers.
    """

    most: int | None = LONGEST_PHONE
    country: InForce = None
    use: Use | None = Use.TEXTED
    kept: Kept | None = field(default=None, repr=False)

    def judge(self, cleaned: str) -> str:
        country = self.country
        if callable(country):  # it asks the database
            country = None if cleaned.startswith("+") else country()
        number = phones.parse_phone(cleaned, country)
        written = phones.as_kept(phones.e164(number))
        try:
            phones.refuse_slips(cleaned, number)
            if self.use:
                _refuse(number, self.use, country)
        except Wrong:
            if not self.kept or written not in self.kept():
                raise
        return written


def _refuse(number: Number, use: Use, in_force: str | None) -> None:
    """Raises Wrong."""
    phones.refuse_kind(number, use)
    if use is not Use.TEXTED:
        return
    policy: Policy = running.registered("telephones")
    if policy.is_ours(phones.e164(number)):
        raise Wrong("phone_is_ours")
    if not policy.serves(phones.countries_of(number), in_force):
        raise Wrong("phone_country", countries=phones.named(policy.served(in_force)))


PHONE = PhoneNumber()


def called_in(country: str | None, kept: str | None = None) -> PhoneNumber:
    """A number that people call, and that gets no text: an organisation's own."""
    return PhoneNumber(country=country, use=Use.CALLED, kept=lambda: (kept,))
