"""Hashing: bcrypt over a peppered HMAC, because bcrypt itself stops at 72 bytes."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache

import bcrypt

from clinic.accounts.errors import WeakPassword
from clinic.core import running
from clinic.core.errors import N_
from clinic.core.fields import LONGEST_PASSWORD, SHORTEST_PASSWORD

# Guesses an attacker who knows people needs at most: with the limits on sign-in, two weeks of them.
FEWEST_GUESSES = 10_000


def refuse_weak(password: str, words: Iterable[str | None] = ()) -> None:
    """`words` are what others know of the person: name, address. Raises WeakPassword."""
    # 40 ms and its dictionaries, for the few who choose a password.
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]

    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        words = N_("Use %(least)s to %(most)s characters.")
        raise WeakPassword(words, least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
    known = [part for word in words if word for part in (word, *word.replace("@", " ").split())]
    if zxcvbn(password, user_inputs=known, max_length=LONGEST_PASSWORD)["guesses"] < FEWEST_GUESSES:
        raise WeakPassword


def _digest(password: str) -> bytes:
    pepper = running.settings().password_pepper.encode()
    return base64.b64encode(hmac.new(pepper, password.encode(), hashlib.sha256).digest())


def hash_password(password: str) -> str:
    rounds = running.settings().password_rounds
    return bcrypt.hashpw(_digest(password), bcrypt.gensalt(rounds)).decode()


def matches(password: str, password_hash: str | None) -> bool:
    """Takes as long for an unknown or only invited user (no hash) as for a wrong password."""
    rounds = running.settings().password_rounds
    given = bcrypt.checkpw(_digest(password), (password_hash or _nobodys_hash(rounds)).encode())
    return given and bool(password_hash)


@lru_cache(maxsize=2)
def _nobodys_hash(rounds: int) -> str:
    return bcrypt.hashpw(b"nobody", bcrypt.gensalt(rounds)).decode()
