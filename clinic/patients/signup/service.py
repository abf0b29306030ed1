"""A visitor becomes a patient with a login."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from clinic.access.actor import THE_SYSTEM
from clinic.access.roles import Role
from clinic.accounts.addresses import claims
from clinic.accounts.errors import AlreadyInUse
from clinic.accounts.people import create
from clinic.accounts.proof import checks, limits, passwords
from clinic.accounts.sessions.programs import Pair
from clinic.accounts.signin import service as accounts
from clinic.accounts.signin.service import Known
from clinic.core.data.db import db, transactional
from clinic.messaging.consents import service as consents
from clinic.messaging.consents.vocabulary import Agreed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewPatient:
    """What a visitor enters to sign up. `phone` is E.164."""

    full_name: str
    email: str
    phone: str
    password: str
    agreed: Agreed | None = None  # to texts, by words that were shown


def sign_up(new: NewPatient, address: str, browser: str | None) -> str:
    """Create a patient with a login and sign them in: returns the session's token.

    Raises WeakPassword, AlreadyInUse or TooMany.
    """
    return _enrol(new, address, lambda known: accounts.open_browser(known, browser))


def sign_up_program(new: NewPatient, address: str, client: str | None) -> tuple[UUID, Pair]:
    """The same for a program: returns whose account it is, and the first tokens."""
    return _enrol(new, address, lambda known: (known.user_id, accounts.open_program(known, client)))


def _enrol(new: NewPatient, address: str, open_door: Callable[[Known], T]) -> T:
    for kind in ("signup", "newcomer"):
        limits.refuse_when_too_many(kind, address, new.email)
    db.session.rollback()
    checks.checked("full_name", new.full_name)
    password_hash = passwords.chosen(new.password, (new.full_name, new.email), address)
    try:
        return _create_with_login(new, password_hash, address, open_door)
    except AlreadyInUse:
        limits.count_try("signup", address, new.email)
        raise


@transactional
def _create_with_login(
    new: NewPatient, password_hash: str, address: str, open_door: Callable[[Known], T]
) -> T:
    limits.count_try("newcomer", address, new.email)
    claims.refuse_claimed(new.email, new.phone)
    user = create.create_user(
        Role.PATIENT,
        new.full_name,
        new.email,
        THE_SYSTEM,
        password_hash=password_hash,
        phone=new.phone,
    )
    if new.agreed:
        consents.remember(new.phone, replace(new.agreed, by=user.id))
    return open_door(accounts.known_as(user))
