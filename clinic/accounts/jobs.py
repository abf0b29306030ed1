"""Old tries, sessions, tokens and links, removed by the clock."""

from clinic.accounts.proof import keys, limits
from clinic.accounts.sessions import browsers as sessions
from clinic.accounts.sessions import programs as tokens


def tidy() -> int:
    """Remove what is no longer needed to count tries, tell sessions or open links."""
    rooms = (limits, sessions, tokens, keys)
    return sum(room.forget_old() for room in rooms)
