"""What is asked before an account is made or changed."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.errors import NotYourPassword
from clinic.accounts.models import User
from clinic.accounts.proof import limits, passwords
from clinic.core.data.db import db
from clinic.core.errors import N_, WORDS, Invalid
from clinic.core.fields import LONGEST_NAME, NAME, ZONE, Choice, Kind, Maybe, Said, read
from clinic.core.fields.kinds import of_any_line
from clinic.core.languages import LANGUAGES
from clinic.core.watch import metrics

INVALID = Invalid.code  # whatever is wrong with an account
KINDS: dict[str, Kind[str | None]] = {
    "full_name": Said(
        NAME,
        of_any_line(N_("Enter a name of 1 to %(most)s characters.")),
        of_any_line(INVALID),
        {"most": LONGEST_NAME},
    ),
    "language": Said(Choice(LANGUAGES), N_("Choose one of the languages of the list."), INVALID),
    "timezone": Maybe(Said(ZONE, WORDS["not_a_zone"], INVALID)),  # without one, the organisation's
}


def checked(field: str, value: Any) -> str | None:
    """As an account keeps it. Raises Invalid, also for a field that nobody changes here."""
    if field not in KINDS:
        raise Invalid.of(field, N_("This cannot be changed here."))
    return read(field, KINDS[field], value)


def confirm_password(user_id: UUID, password: str, address: str) -> str:
    """Ask again who it is before something that matters: returns the hash that matched.

    Raises NotYourPassword, TooMany, Unavailable.
    """
    account = str(user_id)
    with limits.reserved("confirm", address, account):
        known = db.session.scalars(sa.select(User.password_hash).where(User.id == user_id)).one()
        db.session.rollback()  # hashing takes its time; no connection waits for it
        if not passwords.matches(password, known):
            metrics.sign_in_refused("confirm")
            raise NotYourPassword
    return known
