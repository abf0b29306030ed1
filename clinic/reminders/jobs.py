"""Reminders that are due, sent by the clock."""

from clinic.reminders.telling import due


def send_due() -> int:
    """Queue every due reminder. Returns how many were looked at."""
    total = 0
    while done := due.queue_due():
        total += done
    return total
