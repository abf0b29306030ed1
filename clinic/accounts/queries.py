"""The accounts that somebody looks after."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.accounts.models import TokenFamily, User, UserSession
from clinic.accounts.roles import MANAGED_BY, Role
from clinic.accounts.vocabulary import device_name
from clinic.core import clock
from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.paging import Page, Paging, page_of
from clinic.core.security import Actor
from clinic.events.models import EventRow
from clinic.events.names import Event
from clinic.organisations.models import Organisation

SHORTEST_SEARCH = 2  # characters

# A room above this one, by table name only.
_windows = sa.table(
    "schedules", sa.column("organisation_id", sa.Uuid), sa.column("withdrawn_at", sa.DateTime)
)


@dataclass(frozen=True, slots=True)
class Account:
    """A user, as those who look after the account see it."""

    id: UUID
    role: str
    full_name: str
    email: str
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


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a new organisation has come."""

    has_looked_at_rules: bool
    has_doctors: bool
    has_colleagues: bool
    has_hours: bool


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


def in_reach(actor: Actor) -> sa.ColumnElement[bool]:
    """Which users the actor looks after: all, those of the own organisation, or nobody."""
    if actor.role == Role.SUPERADMIN:
        return sa.true()
    if actor.role == Role.ADMIN and actor.organisation_id:
        return sa.and_(
            User.organisation_id == actor.organisation_id, User.role.in_(MANAGED_BY[Role.ADMIN])
        )
    return sa.false()


def accounts(actor: Actor, asked: Filter, paging: Paging) -> Page[Account]:
    """Those in the actor's reach, newest first. A search of one character asks for nothing."""
    query = _ACCOUNTS.where(in_reach(actor), *_asked(asked))
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
    row = db.session.execute(_ACCOUNTS.where(User.id == user_id, in_reach(actor))).one_or_none()
    if row is None:
        raise NotFound
    return _account(row)


def _account(row: Any) -> Account:
    return Account(**{name: getattr(row, name) for name in Account.__dataclass_fields__})


def progress(organisation_id: UUID, user_id: UUID) -> Progress:
    """How far the organisation has come, beside the user who opened it."""
    others = sa.select(User.id).where(
        User.organisation_id == organisation_id, User.is_active, User.id != user_id
    )
    looked = sa.select(EventRow.id).where(
        EventRow.organisation_id == organisation_id, EventRow.name == Event.SETTINGS_UPDATED
    )
    hours = sa.select(sa.literal(1)).where(
        _windows.c.organisation_id == organisation_id, _windows.c.withdrawn_at.is_(None)
    )
    row = db.session.execute(
        sa.select(
            looked.exists(),
            others.where(User.role == Role.DOCTOR).exists(),
            others.where(User.role != Role.DOCTOR).exists(),
            hours.exists(),
        )
    ).one()
    return Progress(*row)


@dataclass(frozen=True, slots=True)
class Me:
    """An account as its owner sees it; `timezone` is theirs, else their organisation's."""

    id: UUID
    email: str
    phone: str | None
    full_name: str
    role: str
    organisation_id: UUID | None
    is_active: bool
    timezone: str
    language: str
    has_photo: bool
    email_verified: bool
    phone_verified: bool
    two_factor: bool


def account_of(user_id: UUID) -> Me:
    row = db.session.execute(
        sa.select(
            User.id,
            User.email,
            User.phone,
            User.full_name,
            User.role,
            User.organisation_id,
            User.is_active,
            sa.func.coalesce(User.timezone, Organisation.timezone, "UTC").label("timezone"),
            User.language,
            User.photo_key.is_not(None).label("has_photo"),
            User.email_verified_at.is_not(None).label("email_verified"),
            User.phone_verified_at.is_not(None).label("phone_verified"),
            User.totp_enabled_at.is_not(None).label("two_factor"),
        )
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .where(User.id == user_id)
    ).one()
    return Me(**row._mapping)


@dataclass(frozen=True, slots=True)
class Door:
    """One browser or program that is signed in. Times are in the account's zone."""

    id: UUID
    name: str | None
    is_program: bool
    is_this: bool
    since: str
    seen: str


def open_doors(user_id: UUID, this: UUID, timezone: str) -> list[Door]:
    """Where the account is signed in, this browser first, then by when it was last seen."""
    zone, moment = clock.zone(timezone), clock.now()
    rows = [
        (row.id, device_name(row.agent), is_program, row.created_at, row.seen_at)
        for table, agent, is_program in (
            (UserSession, UserSession.browser, False),
            (TokenFamily, TokenFamily.client, True),
        )
        for row in db.session.execute(
            sa.select(table.id, agent.label("agent"), table.created_at, table.seen_at).where(
                table.user_id == user_id, table.ended_at.is_(None), table.expires_at > moment
            )
        )
    ]
    rows.sort(key=lambda row: (row[0] != this, moment - row[4]))
    return [
        Door(key, name, is_program, key == this, _when(since, zone), _when(seen, zone))
        for key, name, is_program, since, seen in rows
    ]


def _when(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{clock.day_label(local.date(), clock.today(zone).year)}, {local:%H:%M}"
