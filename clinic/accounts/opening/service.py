"""A clinic opens itself: the organisation, its first place and its first administrator."""

from collections.abc import Callable
from dataclasses import dataclass
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
from clinic.core import running
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound
from clinic.organisations import rules
from clinic.organisations import service as organisations
from clinic.organisations.errors import NameTaken

T = TypeVar("T")
KIND = "signup"


@dataclass(frozen=True, slots=True)
class NewClinic:
    """What a visitor enters: the clinic, then the administrator. Telephone numbers are E.164."""

    name: str
    kind: str
    timezone: str
    country: str
    full_name: str
    email: str
    phone: str | None
    password: str
    address: str = ""
    clinic_phone: str | None = None
    clinic_email: str | None = None
    emergency_number: str | None = None


def is_open() -> bool:
    """May clinics sign up here by themselves?"""
    return running.settings().clinics_may_sign_up


def register_clinic(new: NewClinic, address: str, browser: str | None) -> str:
    """Open the clinic and sign its administrator in: returns the session's token.

    Raises NotFound where clinics may not; Invalid, WeakPassword, NameTaken, AlreadyInUse,
    TooMany.
    """
    return _register(new, address, lambda known: accounts.open_browser(known, browser))


def register_clinic_program(
    new: NewClinic, address: str, client: str | None
) -> tuple[UUID, Pair]:  # fmt: skip
    """The same for a program: returns whose account it is, and the first tokens."""
    return _register(
        new, address, lambda known: (known.user_id, accounts.open_program(known, client))
    )


def _register(new: NewClinic, address: str, open_door: Callable[[Known], T]) -> T:
    if not is_open():
        raise NotFound
    rules.read_details({"name": new.name})
    checks.checked("full_name", new.full_name)
    limits.refuse_when_too_many(KIND, address, new.email)
    db.session.rollback()  # hashing takes its time; no connection waits for it
    words = (new.full_name, new.email, new.name)
    password_hash = passwords.chosen(new.password, words, address)
    try:
        return _open(new, password_hash, address, open_door)
    except (AlreadyInUse, NameTaken):
        limits.count_try(KIND, address, new.email)
        raise


@transactional
def _open(
    new: NewClinic, password_hash: str, address: str, open_door: Callable[[Known], T]
) -> T:  # fmt: skip
    limits.count_try(KIND, address, new.email)  # a clinic comes once; who opens many is counted
    details = {
        "name": new.name,
        "kind": new.kind,
        "timezone": new.timezone,
        "country": new.country,
        "emergency_number": new.emergency_number or rules.emergency_number(new.country),
        "phone": new.clinic_phone,
        "email": new.clinic_email,
    }
    organisation = organisations.open_with_place(details, new.address, THE_SYSTEM)
    claims.refuse_claimed(new.email, new.phone)
    admin = create.create_user(
        Role.ADMIN,
        new.full_name,
        new.email,
        THE_SYSTEM,
        password_hash=password_hash,
        phone=new.phone,
        organisation_id=organisation.id,
    )
    return open_door(accounts.known_as(admin))
