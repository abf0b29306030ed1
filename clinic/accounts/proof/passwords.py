"""Hashing: bcrypt over a peppered HMAC, because bcrypt itself stops at 72 bytes; and what is too
weak to be hashed. Both are slow: they are counted before and take turns."""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import bcrypt

from clinic.accounts.errors import WeakPassword
from clinic.accounts.proof import limits
from clinic.accounts.turns import Turns
from clinic.core import running
from clinic.core.errors import N_
from clinic.core.fields import LONGEST_PASSWORD, SHORTEST_PASSWORD

# Guesses an attacker who knows people needs at most: with the limits on sign-in, two weeks of them.
FEWEST_GUESSES = 10_000
# What is estimated of a password. A longer one is not weaker, and it would cost the square.
MOST_LOOKED_AT = 40
# zxcvbn tries all letters that signs may stand for: twenty different signs are 576 readings, eight
# some forty. What is guessed within FEWEST_GUESSES never has more: each sign doubles its guesses.
SIGNS = frozenset("4@8({[<369!1|0$5+7%2")
MOST_SIGNS = 8

# bcrypt leaves the interpreter while it works: two at once are two cores.
_hashing = Turns(most=2, wait_s=5, waiting=32)
# zxcvbn keeps the words of whom it judges in the module: two at once would mix them up.
_estimating = Turns(most=1, wait_s=2, waiting=16)


def chosen(password: str, words: Iterable[str | None], who: str) -> str:
    """The hash of a new password. `who` tries: a visitor's address, or the id of a user.

    Raises WeakPassword (which counts), TooMany, Unavailable. Slow: before any transaction.
    """
    with limits.reserved("attempt", who, ""):
        refuse_weak(password, words)
    return hash_password(password)


def refuse_weak(password: str, words: Iterable[str | None] = ()) -> None:
    """`words` are what others know of the person: name, address.

    Raises WeakPassword, Unavailable.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        said = N_("Use %(least)s to %(most)s characters.")
        raise WeakPassword(said, least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
    known = [part for word in words if word for part in (word, *word.replace("@", " ").split())]
    with _estimating.one():
        if _guesses(_one_form(password), [_one_form(word) for word in known]) < FEWEST_GUESSES:
            raise WeakPassword


def _guesses(password: str, known: list[str]) -> int:
    """Of the beginning of a password; of what is repeated, once."""
    # 40 ms and its dictionaries, for the few who choose a password.
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]

    period = (password + password).index(password, 1)
    looked_at = _affordable(password[:period])
    if len(looked_at) < period:  # the beginning of a name is no better than the name
        known = [word[: len(looked_at)] for word in known]
    found = zxcvbn(looked_at, user_inputs=known, max_length=MOST_LOOKED_AT)
    return int(found["guesses"]) * (len(password) // period)


def _affordable(password: str) -> str:
    """The part of a password that is estimated: it has MOST_SIGNS different signs."""
    password = password[:MOST_LOOKED_AT]
    for size in range(MOST_SIGNS + 1, len(password) + 1):
        if len(SIGNS.intersection(password[:size])) > MOST_SIGNS:
            return password[: size - 1]
    return password


def _one_form(text: str) -> str:
    """As keyboards and systems differ in it, one character may be several: see NIST SP 800-63B."""
    return unicodedata.normalize("NFKC", text)


def _digest(password: str) -> bytes:
    pepper = running.settings().password_pepper.encode()
    return base64.b64encode(hmac.new(pepper, password.encode(), hashlib.sha256).digest())


def hash_password(password: str) -> str:
    """Raises Unavailable."""
    rounds = running.settings().password_rounds
    with _hashing.one():
        return bcrypt.hashpw(_digest(_one_form(password)), bcrypt.gensalt(rounds)).decode()


def is_outdated(password_hash: str) -> bool:
    """Was it made when hashing cost less than it does today?"""
    cost = password_hash[4:6]
    return cost.isdigit() and int(cost) < running.settings().password_rounds


def hash_again(password: str, password_hash: str) -> str:
    """The same password at today's cost. The salt stays, by which a password is known again
    (`known_browsers.kept_of`): it is the same one. Raises Unavailable."""
    rounds = running.settings().password_rounds
    salt = f"{password_hash[:4]}{rounds:02d}{password_hash[6:29]}".encode()
    with _hashing.one():
        return bcrypt.hashpw(_digest(_one_form(password)), salt).decode()


def matches(password: str, password_hash: str | None) -> bool:
    """Takes as long for an unknown or only invited user (no hash) as for a wrong password.

    Raises Unavailable.
    """
    rounds = running.settings().password_rounds
    kept = (password_hash or _nobodys_hash(rounds)).encode()
    # As it is typed, too: until 0.1 it was hashed so. Of most passwords both are the same.
    forms = dict.fromkeys((_one_form(password), password))
    with _hashing.one():
        given = any(bcrypt.checkpw(_digest(form), kept) for form in forms)
    return given and bool(password_hash)


@lru_cache(maxsize=2)
def _nobodys_hash(rounds: int) -> str:
    return bcrypt.hashpw(b"nobody", bcrypt.gensalt(rounds)).decode()
