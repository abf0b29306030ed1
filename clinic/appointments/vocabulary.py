"""The statuses of a visit, and what each group of them is for."""

from enum import StrEnum


class Status(StrEnum):
    PENDING = "pending"
    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


ACTIVE = frozenset(Status) - {Status.CANCELLED, Status.NO_SHOW}  # these hold the seat
FINISHED = frozenset({Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW})
UPCOMING = frozenset({Status.PENDING, Status.SCHEDULED, Status.CONFIRMED})
