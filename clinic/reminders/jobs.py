"""Reminders that are due, sent by the clock."""

from clinic.reminders import sending


def send_due() -> int:
    """Queue every due reminder. Returns how many were looked at."""
    total = 0
    while done := sending.queue_due():
        total += done
    return total
