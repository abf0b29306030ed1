"""Visits whose time is over, settled by the clock."""

from clinic.appointments.holding import release
from clinic.appointments.steps import sweep as no_shows


def sweep() -> int:
    """Mark who did not come, end the requests nobody answered and the holds nobody proved.

    Returns how many.
    """
    total = 0
    for batch in (
        no_shows.mark_no_shows,
        no_shows.cancel_not_accepted,
        release.release_unproven,
    ):
        while done := batch():
            total += done
    return total
