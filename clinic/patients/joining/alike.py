"""Whether two records may be of one person, and who answers for it: pure, over what is known."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.core.text import fold

NAME, BIRTH_DATE, PHONE, EMAIL = "full_name", "date_of_birth", "phone", "email"
CONTACT = frozenset({PHONE, EMAIL})
WHO = frozenset({NAME, BIRTH_DATE})


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. `phones`, `emails`: what its account has, and what a clinic noted."""

    id: UUID
    full_name: str
    birth_date: date | None
    created_at: datetime
    has_login: bool
    record_number: str | None = None
    noted_phone: str | None = None
    noted_email: str | None = None
    own_phone: str | None = None  # of the account
    own_email: str | None = None
    phone_is_proven: bool = False
    email_is_proven: bool = False

    @property
    def phones(self) -> set[str]:
        return {one for one in (self.noted_phone, self.own_phone) if one}

    @property
    def emails(self) -> set[str]:
        return {one.lower() for one in (self.noted_email, self.own_email) if one}


def agreement(one: Side, other: Side) -> frozenset[str]:
    """What agrees of two that may be one person; nothing if they cannot be.

    Two birth dates that differ are two people, whatever they share, and so are two accounts. A
    number alone is a family's.
    """
    born = {one.birth_date, other.birth_date} - {None}
    if len(born) > 1 or (one.has_login and other.has_login):
        return frozenset()
    found = {
        NAME: sorted(fold(one.full_name).split()) == sorted(fold(other.full_name).split()),
        BIRTH_DATE: one.birth_date is not None and one.birth_date == other.birth_date,
        PHONE: bool(one.phones & other.phones),
        EMAIL: bool(one.emails & other.emails),
    }
    agreed = frozenset(what for what, is_same in found.items() if is_same)
    return agreed if agreed & WHO and (agreed & CONTACT or agreed >= WHO) else frozenset()


def is_answered_for(one: Side, other: Side) -> bool:
    """May the desk make one of them? Where one has an account, that must have proven a number or
    an address that the clinic noted of the other: anybody may sign up with somebody's facts."""
    account, record = (one, other) if one.has_login else (other, one)
    if not account.has_login:
        return True
    by_phone = account.phone_is_proven and account.own_phone == record.noted_phone
    by_email = account.email_is_proven and account.own_email == (record.noted_email or "").lower()
    return bool(account.own_phone and by_phone) or bool(account.own_email and by_email)


def in_order(one: Side, other: Side) -> tuple[Side, Side]:
    """Who stays, and who goes: an account stays, else the older."""
    first, second = sorted((one, other), key=lambda side: (not side.has_login, side.created_at))
    return first, second
