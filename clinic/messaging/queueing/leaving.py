"""Whether a message left for its address: pure, over what the ledger says of it."""

from dataclasses import dataclass
from datetime import datetime

from clinic.messaging import answers
from clinic.messaging.statuses import Status

# What is wrong with the address itself: nothing of ours kept the message from arriving.
_OF_THE_ADDRESS = frozenset({"no_address", "opted_out", "unreachable"})


@dataclass(frozen=True, slots=True)
class Progress:
    """A row of the ledger, as far as this is concerned."""

    status: str
    error_code: str | None
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


def left_at(message: Progress) -> datetime | None:
    """When a provider took it, or found that the address is none; None while neither is so:
    it waits, no provider is set up, theirs is down, or too much went there already.
    """
    if message.sent_at or message.status in (Status.SENT, Status.DELIVERED):
        return message.sent_at or message.settled_at or message.created_at
    is_over = message.status in (Status.SKIPPED, Status.FAILED)
    return message.settled_at if is_over and _is_of_the_address(message.error_code) else None


def _is_of_the_address(code: str | None) -> bool:
    return code in _OF_THE_ADDRESS or answers.is_of_the_address(code)
