"""Visits whose time is over, settled by the clock."""

from clinic.appointments.steps import sweep as no_shows


def sweep() -> int:
    """Mark who did not come, and end the requests nobody answered. Returns how many."""
    total = 0
    for batch in (no_shows.mark_no_shows, no_shows.cancel_not_accepted):
        while done := batch():
            total += done
    return total
