"""Where a message stands, what becomes of it after a call, and when to try again."""

from datetime import timedelta
from enum import StrEnum


class Status(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"  # the provider has it
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # the provider may have it
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    RECEIVED = "received"


OPEN = frozenset({Status.QUEUED, Status.SENDING, Status.UNCERTAIN, Status.SENT})
FINAL = frozenset(Status) - OPEN

_REPORTED = {
    # Whatever the provider still does with it: it has it, and it must not be sent again.
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), Status.SENT),
    **dict.fromkeys(("delivered", "read"), Status.DELIVERED),
    **dict.fromkeys(("undelivered", "failed"), Status.FAILED),
    "canceled": Status.CANCELLED,
}


def forward(current: Status, callback_status: str) -> Status | None:
    """The status after a report of the provider; None when it tells nothing new.

    A queued message moves too: an answer of 503 was taken for a refusal, and the report shows that
    the provider has it after all.
    """
    reported = _REPORTED.get(callback_status)
    return reported if current in OPEN and reported != current else None


class OutcomeKind(StrEnum):
    """What an answer of the provider means for the attempt."""

    SENT = "sent"
    RETRY = "retry"  # nothing was taken: later again
    UNCERTAIN = "uncertain"  # it may have been taken: never blindly again
    FAILED = "failed"
    OPTED_OUT = "opted_out"  # failed, because the person wants no texts
    UNREACHABLE = "unreachable"  # failed, because nothing reaches this number
    HELD = "held"  # a fault of ours: it waits until that is mended, as if it had not been tried


REFUSALS = frozenset({OutcomeKind.FAILED, OutcomeKind.OPTED_OUT, OutcomeKind.UNREACHABLE})

MOST_ATTEMPTS = 6
_WAITS_MIN = (1, 5, 15, 30, 60)


def backoff(attempt: int, jitter: float = 1.0) -> timedelta:
    """How long to wait after the `attempt`-th try (from 1). `jitter` is a factor, 0.8 to 1.2.

    Without jitter, all that failed in one outage would come back in the same second.
    """
    wait = _WAITS_MIN[min(max(attempt, 1), len(_WAITS_MIN)) - 1]
    return timedelta(minutes=wait) * min(max(jitter, 0.8), 1.2)
