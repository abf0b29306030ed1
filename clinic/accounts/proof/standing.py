"""What an account has proven: the addresses that a code or a link came back from."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db

KINDS = ("email", "phone")


@dataclass(frozen=True, slots=True)
class Standing:
    """Which of its addresses an account has proven."""

    email: bool
    phone: bool

    @property
    def has_proven(self) -> bool:
        """Anything at all."""
        return self.email or self.phone


NOTHING_PROVEN = Standing(False, False)


def is_proven(kind: str, users: Any = User) -> sa.ColumnElement[bool]:
    """For a statement that has `users` (or an alias): is the `email` or the `phone` proven?"""
    return getattr(users, f"{kind}_verified_at").is_not(None)


def has_proven(users: Any = User) -> sa.ColumnElement[bool]:
    """For a statement that has `users` (or an alias): is anything proven?"""
    return sa.or_(*(is_proven(kind, users) for kind in KINDS))


def standing_of(user_id: UUID) -> Standing:
    """Of nobody: nothing."""
    row = db.session.execute(
        sa.select(*(is_proven(kind).label(kind) for kind in KINDS)).where(User.id == user_id)
    ).one_or_none()
    return Standing(row.email, row.phone) if row else NOTHING_PROVEN
