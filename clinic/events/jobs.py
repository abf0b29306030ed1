"""What the worker runs for this room: idempotent, argument-free."""

from collections.abc import Callable

from clinic.core.data import idempotency
from clinic.events import deliveries, tasks


def deliver_due() -> int:
    """Drain the outbox."""
    return _until_empty(deliveries.deliver_due)


def run_tasks() -> int:
    return _until_empty(tasks.run_due)


def tidy() -> int:
    return idempotency.forget_old() + deliveries.take_up()


def _until_empty(work: Callable[[], int]) -> int:
    total = 0
    while done := work():
        total += done
    return total
