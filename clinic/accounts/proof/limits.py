"""Limits on guessing: tries are counted in the database, per address and per account."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from clinic.accounts.models import FailedTry
from clinic.core import clock
from clinic.core.data.db import db, is_sqlite, transactional
from clinic.core.errors import N_, TooMany

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
KEPT_FOR = DAY


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in any `window`, of one address or of one account."""

    of: str
    most: int
    window: timedelta


# Of passwords, codes of apps and sign-ups failures count alone, because a hospital is one address;
# of the others every try does.
LIMITS = {
    "login": (Limit("address", 10, MINUTE), Limit("account", 30, HOUR)),
    # The password asked again. No address: strangers must not keep people out of their own screen.
    "confirm": (Limit("account", 10, MINUTE), Limit("account", 30, HOUR)),
    "otp": (Limit("address", 10, MINUTE), Limit("account", 10, HOUR)),
    "signup": (Limit("address", 5, HOUR), Limit("account", 5, HOUR)),
    "newcomer": (Limit("address", 100, HOUR),),  # patients who signed up
    "reset": (Limit("address", 30, HOUR), Limit("account", 3, HOUR)),
    "code": (Limit("address", 30, HOUR), Limit("account", 6, HOUR)),  # each allows five tries
    "photo": (Limit("account", 10, HOUR),),
    "invitation": (Limit("account", 5, HOUR), Limit("account", 10, DAY)),
}


def _account_key(name: str) -> str:
    return hashlib.sha256(name.casefold().encode()).hexdigest()


def refuse_when_too_many(kind: str, address: str, account: str) -> None:
    """Raises TooMany when the address or the account is at its limit.

    Ask before slow work, and again when it went well: others may have guessed meanwhile.
    """
    given = {"address": address, "account": _account_key(account)}
    for limit in LIMITS[kind]:
        recent = sa.select(FailedTry.at).where(
            FailedTry.kind == kind,
            getattr(FailedTry, limit.of) == given[limit.of],
            FailedTry.at > clock.now() - limit.window,
        )
        tries = db.session.scalars(recent.order_by(FailedTry.at.desc()).limit(limit.most)).all()
        if len(tries) >= limit.most:
            wait = (tries[-1] + limit.window - clock.now()).total_seconds()
            words = N_("Too many tries. Wait a little, then try again.")
            raise TooMany(words, max(1, int(wait) + 1))


@transactional
def count_try(kind: str, address: str, account: str) -> None:
    """Note a try, before its answer tells anything. Raises TooMany instead at the limit.

    However many come at once, no more are noted than the limit allows.
    """
    _queue(kind, address, account)
    refuse_when_too_many(kind, address, account)
    row = FailedTry(kind=kind, address=address, account=_account_key(account), at=clock.now())
    db.session.add(row)
    db.session.flush()


def _queue(kind: str, address: str, account: str) -> None:
    """One at a time for each address and account. On SQLite whoever writes is alone anyway."""
    if is_sqlite():
        return
    given = {"address": address, "account": _account_key(account)}
    names = {f"{kind} {limit.of} {given[limit.of]}" for limit in LIMITS[kind]}
    for number in sorted(_number(name) for name in names):  # in one order: nobody waits in a ring
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@dataclass(frozen=True, slots=True)
class Counted:
    """Tries that stand: of an account in an hour and in a day, of an address in an hour."""

    account: int
    account_today: int
    address: int

    def locks(self, kind: str) -> bool:
        """Did this very try lock the account? Said once for each so many of a day."""
        most = next((one.most for one in LIMITS[kind] if one.of == "account"), 0)
        return bool(most) and self.account >= most and self.account_today % most == 0


def counted(kind: str, address: str, account: str) -> Counted:
    kinds = FailedTry.kind.in_((kind, f"{kind}_known"))
    of_account = FailedTry.account == _account_key(account)
    hour, day = FailedTry.at > clock.now() - HOUR, FailedTry.at > clock.now() - DAY
    row = db.session.execute(
        sa.select(
            _count(kinds, of_account, hour),
            _count(kinds, of_account, day),
            _count(kinds, FailedTry.address == address, hour),
        )
    ).one()
    return Counted(*row)


def _count(*where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(FailedTry).where(*where).scalar_subquery()


@transactional
def forget_old() -> int:
    """Remove tries older than a day. Returns how many."""
    gone = db.session.execute(sa.delete(FailedTry).where(FailedTry.at < clock.now() - KEPT_FOR))
    return gone.rowcount  # type: ignore[attr-defined]
