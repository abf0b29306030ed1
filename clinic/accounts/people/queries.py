"""The accounts that somebody looks after."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role, given_by
from clinic.access.visible import Condition, Visible, everything, same_organisation
from clinic.accounts.models import User
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.organisations.models import Organisation

SHORTEST_SEARCH = 2  # characters


@dataclass(frozen=True, slots=True)
class Account:
    """A user, as those who look after the account see it."""

    id: UUID
    role: str
    full_name: str
    email: str | None
    phone: str | None
    organisation_id: UUID | None
    organisation: str | None
    is_active: bool
    is_invited: bool  # has not chosen a password yet
    has_two_factor: bool
    language: str
    timezone: str  # their own, else the organisation's
    email_verified_at: datetime | None
    phone_verified_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Filter:
    q: str = ""
    role: str = ""
    is_active: bool | None = None
    organisation_id: UUID | None = None


_ACCOUNTS = sa.select(
    User.id,
    User.role,
    User.full_name,
    User.email,
    User.phone,
    User.organisation_id,
    Organisation.name.label("organisation"),
    User.is_active,
    (User.password_hash == "").label("is_invited"),
    User.totp_enabled_at.is_not(None).label("has_two_factor"),
    User.language,
    sa.func.coalesce(User.timezone, Organisation.timezone, "UTC").label("timezone"),
    User.email_verified_at,
    User.phone_verified_at,
    User.created_at,
).outerjoin(Organisation, Organisation.id == User.organisation_id)


def _colleagues(actor: Actor) -> Condition:
    theirs = same_organisation(User.organisation_id)(actor)
    return sa.and_(theirs, User.role.in_(given_by(Role.ADMIN)))


VISIBLE = Visible("account", {Role.ADMIN: _colleagues, Role.SUPERADMIN: everything})


def accounts(actor: Actor, asked: Filter, paging: Paging) -> Page[Account]:
    """Those in the actor's reach, newest first. A search of one character asks for nothing."""
    query = _ACCOUNTS.where(VISIBLE.to(actor), *_asked(asked))
    found = page_of(query, User.created_at, User.id, paging, descending=True)
    return found.of(lambda rows: [_account(row) for row in rows])


def _asked(asked: Filter) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if len(asked.q) >= SHORTEST_SEARCH:
        wanted.append(
            sa.or_(
                User.full_name.icontains(asked.q, autoescape=True),
                User.email.icontains(asked.q, autoescape=True),
                User.phone.contains(asked.q.replace(" ", ""), autoescape=True),
            )
        )
    if asked.role:
        wanted.append(User.role == asked.role)
    if asked.is_active is not None:
        wanted.append(User.is_active.is_(asked.is_active))
    if asked.organisation_id:
        wanted.append(User.organisation_id == asked.organisation_id)
    return wanted


def account(actor: Actor, user_id: UUID) -> Account:
    """Raises NotFound, also for an account that is none of the actor's business."""
    row = db.session.execute(_ACCOUNTS.where(User.id == user_id, VISIBLE.to(actor))).one_or_none()
    if row is None:
        raise NotFound
    return _account(row)


def _account(row: Any) -> Account:
    return Account(**{name: getattr(row, name) for name in Account.__dataclass_fields__})
