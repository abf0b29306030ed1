"""Tries that were refused: all of them counted in the figures, a few of each kind kept as events.

Strangers decide how many there are, and events are kept for ever. So only some an hour become
events, of one account, of one address and of all. Whether anybody has that account changes nothing:
the same statements run, and neither rows nor time tell.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.errors import WrongCode, WrongOtp, WrongPassword
from clinic.accounts.facts import (
    RefusedFact,
    UserCodeRefused,
    UserLockedOut,
    UserLoginRefused,
)
from clinic.accounts.proof import limits
from clinic.core import clock, running
from clinic.core.data.db import db, transactional
from clinic.core.errors import TooMany
from clinic.core.watch import metrics
from clinic.events.models import EventRow
from clinic.events.service import record

STRANGER = Actor(role="unknown")  # whoever tried did not show who they are
NETWORKS = {4: 24, 6: 48}  # by the version of IP: what belongs to one house, or one provider's area
OF_ACCOUNT, OF_ADDRESS, OF_ALL = 3, 30, 1000  # so many of them an hour are events
LABELS = {"login": "password", "otp": "code", "email": "email", "phone": "phone"}


@dataclass(frozen=True, slots=True)
class Whose:
    """The account that was tried; nobody's has no id."""

    user_id: UUID | None
    organisation_id: UUID | None = None


@contextmanager
def noticed(kind: str, account: str, address: str, whose: Whose) -> Iterator[None]:
    """Notice what is refused inside; the errors go on. Belongs outside of transactions.

    `kind` and `account` are those of `limits`. Notices also that the account is at its limit now.
    """
    try:
        yield
    except TooMany:
        metrics.sign_in_refused("too_many")
        raise
    except (WrongPassword, WrongOtp, WrongCode):
        metrics.sign_in_refused(LABELS[kind])
        if _note(kind, account, address, whose):
            metrics.sign_in_refused("locked_out")
        raise


@transactional
def _note(kind: str, account: str, address: str, whose: Whose) -> bool:
    """Returns whether this try has locked the account."""
    tries = limits.counted(kind, address, account) if kind in limits.LIMITS else None
    if tries is None or (tries.account <= OF_ACCOUNT and tries.address <= OF_ADDRESS):
        _record(UserLoginRefused if kind == "login" else UserCodeRefused, kind, address, whose)
    is_locked = tries is not None and tries.locks(kind)
    if is_locked:
        _record(UserLockedOut, kind, address, whose)
    return is_locked


def _record(what: type[RefusedFact], kind: str, address: str, whose: Whose) -> None:
    """An event, unless there are enough of its name for now, whoever makes them."""
    an_hour_ago = clock.now() - limits.HOUR
    recent = sa.select(EventRow.id).where(EventRow.name == what.name, EventRow.at > an_hour_ago)
    if len(db.session.scalars(recent.limit(OF_ALL)).all()) >= OF_ALL:
        return
    fact = what(
        organisation_id=whose.organisation_id,
        user_id=str(whose.user_id) if whose.user_id else None,
        place=place_of(address),
        kind=LABELS[kind],
    )
    record(fact, STRANGER)


def place_of(address: str) -> str:
    """Which network, without saying it: the same word for the same one, for who has the key."""
    key = running.settings().link_key.encode()
    return hmac.new(key, f"network:{_network(address)}".encode(), hashlib.sha256).hexdigest()[:16]


def _network(address: str) -> str:
    """`address` as limits count it: of IPv6 a /64."""
    try:
        whole = ipaddress.ip_interface(address).ip
    except ValueError:
        return "none"
    return str(ipaddress.ip_network((whole, NETWORKS[whole.version]), strict=False))
