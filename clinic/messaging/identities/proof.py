"""The code that proves a sender: derived from a key of its row, so that nothing stored tells it."""

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from clinic.core import running

GOOD_FOR = timedelta(minutes=15)
AGAIN_AFTER = timedelta(minutes=1)
MOST_TRIES = 5


def code_of(key: str) -> str:
    """A resolver of `{code:sender:<key>}`."""
    secret = running.settings().link_key.encode()
    digest = hmac.new(secret, f"sender:{UUID(key)}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"
