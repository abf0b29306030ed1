"""How many messages may go to one address, from one organisation and to strangers: pure.

Nobody but us may decide how often somebody's telephone rings: each room asks here, and none knows
what the others have sent.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

TOO_MANY = "too_many"  # the reason in the ledger


@dataclass(frozen=True, slots=True)
class Cap:
    """What may go to one address. Of this, what gives way may not use what is kept back."""

    an_hour: int
    a_day: int
    kept_an_hour: int  # for codes, reminders and cancellations
    kept_a_day: int


STRANGERS = Cap(an_hour=6, a_day=15, kept_an_hour=2, kept_a_day=5)
ANYBODY = Cap(an_hour=50, a_day=50, kept_an_hour=10, kept_a_day=10)  # a family with one telephone
# What was taken back before it left reaches nobody, and yet is a row each time.
ROWS_A_MESSAGE = 5
REFUSALS_SHOWN = 20  # of an address in an hour; the others leave no row
STRANGERS_SHARE = 4  # of an organisation's day, strangers can use up a quarter


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator has set; 0 is without limit."""

    organisation_a_day: int
    strangers_an_hour: int  # of the whole installation


@dataclass(frozen=True, slots=True)
class Wish:
    """One message that wants to go out."""

    address: str
    organisation_id: UUID | None
    is_known: bool
    gives_way: bool


@dataclass(slots=True)
class ToAddress:
    """What one address got. `hour` and `day` count what left or will."""

    hour: int = 0
    day: int = 0
    rows: int = 0  # in an hour, and with what was taken back
    refused: int = 0  # in an hour


@dataclass(slots=True)
class OfOrganisation:
    """What one organisation sent in a day."""

    all: int = 0
    to_strangers: int = 0


class Verdict(StrEnum):
    GOES = "goes"
    REFUSED = "refused"
    NOT_SHOWN = "not_shown"  # refused, as others of this hour that stand in the ledger


@dataclass(slots=True)
class Tally:
    """What has gone out of late. Judging a message counts it, for those that come after it."""

    limits: Limits
    addresses: defaultdict[str, ToAddress] = field(default_factory=lambda: defaultdict(ToAddress))
    organisations: defaultdict[UUID, OfOrganisation] = field(
        default_factory=lambda: defaultdict(OfOrganisation)
    )
    to_strangers: int = 0  # in an hour

    def judge(self, wish: Wish) -> Verdict:
        there = self.addresses[wish.address]
        if self._is_full(wish, there):
            there.refused += 1
            return Verdict.REFUSED if there.refused <= REFUSALS_SHOWN else Verdict.NOT_SHOWN
        there.hour += 1
        there.day += 1
        there.rows += 1
        self.to_strangers += not wish.is_known
        if wish.organisation_id:
            here = self.organisations[wish.organisation_id]
            here.all += 1
            here.to_strangers += not wish.is_known
        return Verdict.GOES

    def _is_full(self, wish: Wish, there: ToAddress) -> bool:
        if _has_enough(wish, there):
            return True
        most = self.limits.strangers_an_hour
        if most and not wish.is_known and self.to_strangers >= most:
            return True
        a_day = self.limits.organisation_a_day
        if not a_day or not wish.organisation_id:
            return False
        here = self.organisations[wish.organisation_id]
        strangers_had_theirs = here.to_strangers * STRANGERS_SHARE >= a_day
        return here.all >= a_day or (not wish.is_known and strangers_had_theirs)

    def is_near(self, wishes: Iterable[Wish]) -> bool:
        """Could a cap be passed by these and by some who ask at the same time, together?"""
        to: defaultdict[str, int] = defaultdict(int)
        of: defaultdict[UUID, int] = defaultdict(int)
        for wish in wishes:
            to[wish.address] += 1
            if wish.organisation_id:
                of[wish.organisation_id] += 1
        a_day = self.limits.organisation_a_day
        return any(
            (self.addresses[one].day + more) * 4 > ANYBODY.a_day for one, more in to.items()
        ) or any(
            a_day and (self.organisations[one].all + more) * 4 > a_day * 3
            for one, more in of.items()
        )


def _has_enough(wish: Wish, there: ToAddress) -> bool:
    cap = ANYBODY if wish.is_known else STRANGERS
    kept_an_hour, kept_a_day = (cap.kept_an_hour, cap.kept_a_day) if wish.gives_way else (0, 0)
    return (
        there.hour >= cap.an_hour - kept_an_hour
        or there.day >= cap.a_day - kept_a_day
        or there.rows >= cap.an_hour * ROWS_A_MESSAGE
    )
