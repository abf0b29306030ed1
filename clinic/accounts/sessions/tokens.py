"""The signed tokens themselves: how they are made, and what they say if they are ours."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

import jwt

from clinic.access.bearer import Bearer
from clinic.accounts.errors import BadToken
from clinic.core import running
from clinic.core.fingerprints import fingerprint

ISSUER = "clinic"
ACCESS, REFRESH = "clinic:access", "clinic:refresh"  # audiences: neither works as the other
CLAIMS = ["exp", "iat", "iss", "aud", "sub", "sid", "jti"]
MOST_KEPT = 5_000  # tokens a process; about half a kilobyte each


def signed(bearer: Bearer, jti: str, audience: str, moment: datetime, life: timedelta) -> str:
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "sub": str(bearer.user_id),
        "sid": str(bearer.family_id),
        "jti": jti,
        "iat": moment,
        "exp": moment + life,
    }
    settings = running.settings()
    return jwt.encode(claims, settings.jwt_secret_key, settings.jwt_algorithm)


def claims_of(token: str, audience: str) -> dict[str, Any]:
    """Raises BadToken."""
    settings = running.settings()
    try:
        claims = jwt.decode(
            token,
            settings.jwt_secret_key,
            algorithms=[settings.jwt_algorithm],  # pinned: the token's own word is not asked
            audience=audience,
            issuer=ISSUER,
            options={"require": CLAIMS},
        )
        UUID(claims["sub"]), UUID(claims["sid"])
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        raise BadToken from None
    return claims


def bearer_of(token: str) -> Bearer | None:
    """Whom an access token names; None for one that is not ours, or over."""
    checked: Checked = running.registered("checked_tokens")
    return checked.bearer_of(token)


@dataclass(frozen=True, slots=True)
class _Claims:
    bearer: Bearer
    begins: int  # seconds since 1970
    ends: int


class Checked:
    """Access tokens whose signature this app has found right, by fingerprint, until they end.

    A signature costs as much to check as a statement to send, and stays right; whether the token
    was ended is asked of its row each time. It belongs to the app, because the keys do.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Claims] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._known)

    def bearer_of(self, token: str) -> Bearer | None:
        key = fingerprint(token)
        known = self._known.get(key)
        if known is None:
            try:
                known = _checked(token)
            except BadToken:
                return None
            self._keep(key, known)
        elif not known.begins <= time.time() < known.ends:
            self._forget(key)
            return None
        return known.bearer

    def _keep(self, key: str, claims: _Claims) -> None:
        with self._lock:
            if len(self._known) >= MOST_KEPT:
                del self._known[next(iter(self._known))]  # the one checked longest ago
            self._known[key] = claims

    def _forget(self, key: str) -> None:
        with self._lock:
            self._known.pop(key, None)


def _checked(token: str) -> _Claims:
    """Raises BadToken."""
    claims = claims_of(token, ACCESS)
    bearer = Bearer(family_id=UUID(claims["sid"]), user_id=UUID(claims["sub"]))
    return _Claims(bearer, int(claims["iat"]), int(claims["exp"]))
