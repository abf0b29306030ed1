"""What the worker runs for this room: idempotent, argument-free."""

import time

from clinic.hooks.sending import calls, collect
from clinic.hooks.sending import tidy as old

QUICK_S = 1.0  # for as long as all goes fast, another round may follow
LONGEST_S = 5.0


def deliver_due() -> int:
    """Collect what happened, and call. Messages wait behind this in the same worker: it is short,
    whoever hangs."""
    collect.collect()
    began, total = time.monotonic(), 0
    while time.monotonic() - began < LONGEST_S:
        turn = time.monotonic()
        count = calls.call_due()
        total += count
        if not count or time.monotonic() - turn > QUICK_S:
            break
    return total


def tidy() -> int:
    return old.forget_old()
