"""How many messages may go to one address, and how many to strangers: pure.

Nobody but us may decide how often somebody's telephone rings: each room asks here, and none knows
what the others have sent.
"""

from collections import Counter, defaultdict
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


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator has set for messages to strangers; 0 is without limit."""

    organisation_a_day: int
    all_an_hour: int  # of the whole installation


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


class Verdict(StrEnum):
    GOES = "goes"
    REFUSED = "refused"
    NOT_SHOWN = "not_shown"  # refused, as others of this hour that stand in the ledger


@dataclass(slots=True)
class Tally:
    """What has gone out of late. Judging a message counts it, for those that come after it."""

    limits: Limits
    addresses: defaultdict[str, ToAddress] = field(default_factory=lambda: defaultdict(ToAddress))
    # To strangers: of each organisation in a day, and of all in an hour.
    of_organisation: defaultdict[UUID | None, int] = field(default_factory=lambda: defaultdict(int))
    of_all: int = 0

    def judge(self, wish: Wish) -> Verdict:
        there = self.addresses[wish.address]
        if self._is_full(wish, there):
            there.refused += 1
            return Verdict.REFUSED if there.refused <= REFUSALS_SHOWN else Verdict.NOT_SHOWN
        there.hour += 1
        there.day += 1
        there.rows += 1
        if not wish.is_known:
            self.of_all += 1
            self.of_organisation[wish.organisation_id] += 1
        return Verdict.GOES

    def _is_full(self, wish: Wish, there: ToAddress) -> bool:
        if _has_enough(wish, there):
            return True
        if wish.is_known:
            return False
        an_hour, a_day = self.limits.all_an_hour, self.limits.organisation_a_day
        if an_hour and self.of_all >= an_hour:
            return True
        here = self.of_organisation[wish.organisation_id]
        return bool(a_day and wish.organisation_id and here >= a_day)

    def is_near(self, wishes: Iterable[Wish]) -> bool:
        """Could an address get too much by these and by some who ask at the same time, together?"""
        more = Counter(wish.address for wish in wishes)
        return any((self.addresses[to].day + many) * 4 > ANYBODY.a_day for to, many in more.items())


def _has_enough(wish: Wish, there: ToAddress) -> bool:
    cap = ANYBODY if wish.is_known else STRANGERS
    kept_an_hour, kept_a_day = (cap.kept_an_hour, cap.kept_a_day) if wish.gives_way else (0, 0)
    return (
        there.hour >= cap.an_hour - kept_an_hour
        or there.day >= cap.a_day - kept_a_day
        or there.rows >= cap.an_hour * ROWS_A_MESSAGE
    )
