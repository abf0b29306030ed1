"""Limits on guessing: tries are counted in the database, per address and per account."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.accounts.models import FailedTry
from clinic.core import clock
from clinic.core.data.db import db, must_be_writing, one_at_a_time, transactional
from clinic.core.errors import N_, TooMany, Unavailable

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
KEPT_FOR = DAY
# A try is reserved while it is looked at. Who finds all places reserved waits for an outcome,
# because a hospital whose passwords are right must not be refused; after that time it has failed.
OPEN_FOR = timedelta(seconds=10)
TURN_S, LOOK_EVERY_S = 5.0, 0.1


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in any `window`: of one `address`, of one `account`, of one `pair` of both."""

    of: str
    most: int
    window: timedelta
    words: str = N_("Too many tries. Wait a little, then try again.")


_LOCKED = N_(
    "Too many tries for this account. Wait, or choose a new password by the link of "
    '"Forgot your password?": it opens the account at once.'
)
_ASKED = N_(
    "A link was asked for several times. The newest email works for an hour: "
    "look there, or try again later."
)
_MANY_CAME = N_(
    "Many accounts were made over this connection. Try again over another one, such as your "
    "mobile network, or in an hour. The clinic can book for you meanwhile."
)

# Of passwords, codes of apps and sign-ups failures count alone, because a hospital is one address;
# of the others every try does. An address alone has ten times what a pair has: a neighbour's
# failures are no reason to refuse somebody else there.
LIMITS = {
    "login": (
        Limit("pair", 10, MINUTE),
        Limit("address", 100, MINUTE),
        Limit("account", 30, HOUR, _LOCKED),
    ),
    # Of browsers the account was signed in with before, each by itself: what strangers do does not
    # count there. The browser is the address.
    "login_known": (Limit("pair", 10, MINUTE), Limit("pair", 30, HOUR, _LOCKED)),
    # The password asked again. No address: strangers must not keep people out of their own screen.
    "confirm": (Limit("account", 10, MINUTE), Limit("account", 30, HOUR)),
    "otp": (
        Limit("pair", 10, MINUTE),
        Limit("address", 100, MINUTE),
        Limit("account", 10, HOUR),
    ),
    # New passwords, before their strength is estimated. Who is signed in is their own address.
    "attempt": (Limit("address", 20, MINUTE),),
    "signup": (Limit("address", 5, HOUR), Limit("account", 5, HOUR)),
    "newcomer": (Limit("address", 30, HOUR, _MANY_CAME),),  # patients who signed up
    "reset": (
        Limit("pair", 3, HOUR, _ASKED),
        Limit("address", 30, HOUR),
        Limit("account", 10, HOUR, _ASKED),
    ),
    "reset_known": (Limit("pair", 3, HOUR, _ASKED),),
    "code": (Limit("address", 30, HOUR), Limit("account", 6, HOUR)),  # each allows five tries
    "held": (Limit("address", 10, HOUR),),  # bookings of who has proven nothing, of a network
    "record": (Limit("account", 5, DAY),),  # birth dates, to find what a clinic noted
    "noted": (Limit("account", 20, DAY),),  # the same of one record, by all who share its number
    "photo": (Limit("account", 10, HOUR),),
    "invitation": (Limit("account", 5, HOUR), Limit("account", 10, DAY)),
}


def _account_key(name: str) -> str:
    return hashlib.sha256(name.casefold().encode()).hexdigest()


def refuse_when_too_many(kind: str, address: str, account: str) -> None:
    """Raises TooMany when the address or the account is at its limit.

    For slow work whose try is counted afterwards; other tries are `reserved` instead.
    """
    for limit in LIMITS[kind]:
        _refuse_beyond(limit, _times(kind, limit, address, account))


@transactional
def count_try(kind: str, address: str, account: str) -> None:
    """Note a try, before its answer tells anything. Raises TooMany instead at the limit.

    However many come at once, no more are noted than the limit allows.
    """
    _queue(kind, address, account)
    refuse_when_too_many(kind, address, account)
    _note(kind, address, account)


@contextmanager
def reserved(kind: str, address: str, account: str) -> Iterator[None]:
    """Count a try before what it costs: an error of the body lets it stand, else it is given back.

    However many come at once, no more than the limit get to the body. Raises TooMany at the limit,
    Unavailable when others are looked at for too long. Belongs outside of transactions.
    """
    try_id = _wait_for_place(kind, address, account)
    try:
        yield
    except Unavailable:  # our own fault, and nothing was looked at
        _give_back(try_id)
        raise
    except BaseException:
        _let_stand(try_id)
        raise
    _give_back(try_id)


def _wait_for_place(kind: str, address: str, account: str) -> UUID:
    until = time.monotonic() + TURN_S
    while (try_id := _reserve(kind, address, account)) is None:
        if time.monotonic() > until:
            raise Unavailable
        time.sleep(LOOK_EVERY_S)
    return try_id


@transactional
def _reserve(kind: str, address: str, account: str) -> UUID | None:
    """None while it depends on the outcome of others. Raises TooMany."""
    _queue(kind, address, account)
    is_over = sa.or_(FailedTry.is_open.is_(False), FailedTry.at < clock.now() - OPEN_FOR)
    for limit in LIMITS[kind]:
        if len(_times(kind, limit, address, account)) < limit.most:
            continue
        _refuse_beyond(limit, _times(kind, limit, address, account, is_over))
        return None
    return _note(kind, address, account, is_open=True)


def _note(kind: str, address: str, account: str, is_open: bool = False) -> UUID:
    row = FailedTry(
        id=uuid4(),
        kind=kind,
        address=address,
        account=_account_key(account),
        at=clock.now(),
        is_open=is_open,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


@transactional
def _give_back(try_id: UUID) -> None:
    db.session.execute(sa.delete(FailedTry).where(FailedTry.id == try_id))


@transactional
def _let_stand(try_id: UUID) -> None:
    stands = sa.update(FailedTry).where(FailedTry.id == try_id).values(is_open=False)
    db.session.execute(stands)


def forgive(kind: str, account: str) -> None:
    """Forget the failures of an account, whoever made them."""
    must_be_writing()
    db.session.execute(
        sa.delete(FailedTry).where(
            FailedTry.kind == kind, FailedTry.account == _account_key(account)
        )
    )


def _times(
    kind: str, limit: Limit, address: str, account: str, *only: sa.ColumnElement[bool]
) -> Sequence[datetime]:
    """When its newest tries were, up to as many as it allows."""
    recent = sa.select(FailedTry.at).where(
        FailedTry.kind == kind,
        *(getattr(FailedTry, name) == value for name, value in _of(limit, address, account)),
        FailedTry.at > clock.now() - limit.window,
        *only,
    )
    return db.session.scalars(recent.order_by(FailedTry.at.desc()).limit(limit.most)).all()


def _of(limit: Limit, address: str, account: str) -> list[tuple[str, str]]:
    """What a limit counts by: columns and their values."""
    given = {"address": address, "account": _account_key(account)}
    names = given if limit.of == "pair" else (limit.of,)
    return [(name, given[name]) for name in names]


def _refuse_beyond(limit: Limit, times: Sequence[datetime]) -> None:
    if len(times) < limit.most:
        return
    wait = (times[-1] + limit.window - clock.now()).total_seconds()
    raise TooMany(limit.words, max(1, int(wait) + 1))


def _queue(kind: str, address: str, account: str) -> None:
    """One at a time for each address and account."""
    one_at_a_time(*(f"{kind} {limit.of} {_of(limit, address, account)}" for limit in LIMITS[kind]))


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
