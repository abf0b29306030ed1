"""Guessing is slow: failures are counted in the database, per address and per account."""

import hashlib
from datetime import timedelta

import sqlalchemy as sa

from clinic.accounts.models import FailedTry
from clinic.core import clock
from clinic.core.db import db, transactional
from clinic.core.errors import TooMany

# Address: failures alone, because a hospital is one address; a request for a reset counts always.
PER_ADDRESS = {
    "login": (10, timedelta(minutes=1)),
    "otp": (10, timedelta(minutes=1)),
    "signup": (5, timedelta(hours=1)),
    "reset": (30, timedelta(hours=1)),
    "code": (30, timedelta(hours=1)),
}
PER_ACCOUNT = {
    "login": (30, timedelta(hours=1)),
    "otp": (10, timedelta(hours=1)),
    "signup": (5, timedelta(hours=1)),
    "reset": (3, timedelta(hours=1)),
    "code": (6, timedelta(hours=1)),  # sent codes; each allows five tries
}
KEPT_FOR = timedelta(days=1)


def _account_key(name: str) -> str:
    return hashlib.sha256(name.casefold().encode()).hexdigest()


def refuse_when_too_many(kind: str, address: str, account: str) -> None:
    """Raises TooMany when the address or the account has failed too often lately."""
    checks = (
        (FailedTry.address == address, *PER_ADDRESS[kind]),
        (FailedTry.account == _account_key(account), *PER_ACCOUNT[kind]),
    )
    for whose, most, window in checks:
        recent = sa.select(FailedTry.at).where(
            FailedTry.kind == kind, whose, FailedTry.at > clock.now() - window
        )
        tries = db.session.scalars(recent.order_by(FailedTry.at.desc()).limit(most)).all()
        if len(tries) >= most:
            wait = (tries[-1] + window - clock.now()).total_seconds()
            raise TooMany("Too many tries. Wait a little, then try again.", max(1, int(wait) + 1))


@transactional
def note_failure(kind: str, address: str, account: str) -> None:
    db.session.add(
        FailedTry(kind=kind, address=address, account=_account_key(account), at=clock.now())
    )


@transactional
def forget_old() -> int:
    """Remove tries older than a day. Returns how many."""
    gone = db.session.execute(sa.delete(FailedTry).where(FailedTry.at < clock.now() - KEPT_FOR))
    return gone.rowcount  # type: ignore[attr-defined]
