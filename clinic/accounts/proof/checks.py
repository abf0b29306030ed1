"""What is asked before an account is made or changed."""

from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.errors import AlreadyInUse, NotYourPassword, WrongDetails
from clinic.accounts.models import User
from clinic.accounts.proof import limits, passwords
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import N_, FieldError
from clinic.core.languages import LANGUAGES


def check_zone(timezone: str | None) -> None:
    if timezone is None:
        return
    try:
        clock.zone(timezone)
    except ValueError:
        raise WrongDetails("timezone", "Enter a zone such as Europe/London.") from None


def checked_language(language: str | None) -> str:
    if language not in LANGUAGES:
        raise WrongDetails("language", "Choose one of the languages of the list.")
    return language


def refuse_taken(email: str | None, phone: str | None, but: UUID | None = None) -> None:
    """Raises AlreadyInUse, which names the field, unless only the user `but` has them."""
    others = User.id != but if but else sa.true()
    for field, value, words in (
        ("email", email and email.lower(), N_("That email address already belongs to an account.")),
        ("phone", phone, N_("That number already belongs to an account.")),
    ):
        column = getattr(User, field)
        if value and db.session.scalar(sa.select(User.id).where(column == value, others)):
            raise AlreadyInUse(words, [FieldError(field, "already_in_use", words)])


def confirm_password(user_id: UUID, password: str, address: str) -> str:
    """Ask again who it is before something that matters: returns the hash that matched.

    Raises NotYourPassword or TooMany.
    """
    account = str(user_id)
    limits.refuse_when_too_many("confirm", address, account)
    known = db.session.scalars(sa.select(User.password_hash).where(User.id == user_id)).one()
    db.session.rollback()
    if not passwords.matches(password, known):
        limits.count_try("confirm", address, account)
        raise NotYourPassword
    limits.refuse_when_too_many("confirm", address, account)
    return known
