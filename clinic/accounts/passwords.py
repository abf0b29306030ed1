"""Hashing: bcrypt over a peppered HMAC, because bcrypt itself stops at 72 bytes."""

import base64
import hashlib
import hmac
from functools import lru_cache

import bcrypt

from clinic.core import running

SHORTEST, LONGEST = 8, 128  # characters


def _digest(password: str) -> bytes:
    pepper = running.settings().password_pepper.encode()
    return base64.b64encode(hmac.new(pepper, password.encode(), hashlib.sha256).digest())


def hash_password(password: str) -> str:
    rounds = running.settings().password_rounds
    return bcrypt.hashpw(_digest(password), bcrypt.gensalt(rounds)).decode()


def matches(password: str, password_hash: str | None) -> bool:
    """Takes as long for an unknown user (no hash) as for a wrong password."""
    rounds = running.settings().password_rounds
    given = bcrypt.checkpw(_digest(password), (password_hash or _nobodys_hash(rounds)).encode())
    return given and password_hash is not None


@lru_cache(maxsize=2)
def _nobodys_hash(rounds: int) -> str:
    return bcrypt.hashpw(b"nobody", bcrypt.gensalt(rounds)).decode()
