"""Browsers that an account was signed in with before (OWASP: device cookies).

Such a browser has a counter of its own for wrong passwords, so that strangers who guess at an
account do not lock its owner out. It opens nothing: the password is asked as of everybody.

The cookie holds one mark for each account that signed in here, the newest first:
`<day it ends>.<nonce>.<HMAC over both, the account and its password>`. It names nobody. A new
password ends it everywhere, because whoever knew the old one could have made many; another role
or the end of all sessions does not, because the password that is asked for stays the same.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core import clock, running
from clinic.core.data.db import db
from clinic.core.fingerprints import same

KEPT_FOR = timedelta(days=90)
MOST_ACCOUNTS = 20  # of one browser, such as that of a front desk; some 50 bytes each
ACCOUNT = (User.id, User.password_hash)  # what a browser is known by
_MARK = re.compile(r"[0-9]{6,7}\.[A-Za-z0-9_-]{12}\.[0-9a-f]{32}")
_BETWEEN = ":"


def kept_of(password_hash: str) -> str:
    """What stays of a hash until another password is chosen, whatever hashing costs: its salt."""
    return password_hash[7:29] if password_hash.startswith("$2") else password_hash


def with_account(cookie: str, user_id: UUID) -> str:
    """What the cookie holds once this account has signed in."""
    password_hash = db.session.scalar(sa.select(User.password_hash).where(User.id == user_id))
    marks = [mark for mark in _marks(cookie) if not _is_of(mark, user_id, password_hash or "")]
    ends = (_today() + KEPT_FOR).toordinal()
    told = f"{ends}.{secrets.token_urlsafe(9)}"
    new = f"{told}.{_seal(told, user_id, kept_of(password_hash or ''))}"
    return _BETWEEN.join([new, *marks][:MOST_ACCOUNTS])


def counted_by(kind: str, accounts: Iterable[Any], address: str, cookie: str) -> tuple[str, str]:
    """The kind of a try at one of the accounts, and the source that limits count it by.

    What a browser tries that one of them signed in with counts by itself: `<kind>_known`.
    `accounts`: users, or rows of ACCOUNT.
    """
    marks = _marks(cookie)
    for user in accounts if marks else ():
        for mark in marks:
            if _is_of(mark, user.id, user.password_hash):
                return f"{kind}_known", "browser " + mark.split(".")[1]
    return kind, address


def knows(cookie: str, user_id: UUID, password_hash: str) -> bool:
    """Has this account signed in there before, with this password?"""
    return any(_is_of(mark, user_id, password_hash) for mark in _marks(cookie))


def _marks(cookie: str) -> list[str]:
    """Those that have not ended, whoever wrote them."""
    today = _today().toordinal()
    marks = filter(_MARK.fullmatch, cookie.split(_BETWEEN, MOST_ACCOUNTS)[:MOST_ACCOUNTS])
    return [mark for mark in marks if int(mark.partition(".")[0]) > today]


def _is_of(mark: str, user_id: UUID, password_hash: str) -> bool:
    told, _, seal = mark.rpartition(".")
    # The whole hash: as marks were made until 0.1, that last 90 days.
    ways = (kept_of(password_hash), password_hash)
    return any(same(seal, _seal(told, user_id, one)) for one in ways)


def _seal(told: str, user_id: UUID, of_password: str) -> str:
    key = running.settings().link_key.encode()
    given = f"known browser:{told}:{user_id}:{of_password}".encode()
    return hmac.new(key, given, "sha256").hexdigest()[:32]


def _today() -> date:
    return clock.now().date()
