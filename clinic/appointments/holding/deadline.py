"""When a hold ends: fifteen minutes after a code could leave. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

HOLD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Sent:
    """A code: when it left for its address (None if it could not), and how long it works."""

    left_at: datetime | None
    works_until: datetime


def deadline(held_until: datetime, codes: Iterable[Sent]) -> datetime | None:
    """The end of a hold that was to end at `held_until`; None while no code has left.

    The first that left counts: whoever asks for another one has not longer for it.
    """
    since = held_until - HOLD
    left = [one.left_at for one in codes if one.left_at and one.works_until > since]
    return max(held_until, min(left) + HOLD) if left else None
