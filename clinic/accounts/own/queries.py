"""An account as its owner sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import TokenFamily, User, UserSession
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.messaging.queueing.queries import any_stop_of
from clinic.messaging.queueing.reach import why_stopped
from clinic.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Me:
    """An account as its owner sees it; `timezone` is theirs, else their organisation's."""

    id: UUID
    email: str | None
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
    email_lost: bool  # somebody else proved it
    phone_lost: bool
    email_before: str | None  # links go there, until then, or until this one is proven
    email_waits_until: datetime | None
    text_stop: str | None  # why no texts go to the number: opted_out, unreachable


def account_of(user_id: UUID) -> Me:
    waits = User.email_waits_until > clock.now()
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
            User.email_lost_at.is_not(None).label("email_lost"),
            User.phone_lost_at.is_not(None).label("phone_lost"),
            sa.case((waits, User.email_before)).label("email_before"),
            sa.case((waits, User.email_waits_until)).label("email_waits_until"),
            any_stop_of(User.phone).label("text_stop"),
        )
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .where(User.id == user_id)
    ).one()
    return Me(**{**row._mapping, "text_stop": why_stopped(row.text_stop)})


@dataclass(frozen=True, slots=True)
class Door:
    """One browser or program that is signed in."""

    id: UUID
    agent: str | None  # what it says of itself
    is_program: bool
    is_this: bool
    since: datetime
    seen: datetime


def open_doors(user_id: UUID, this: UUID) -> list[Door]:
    """Where the account is signed in, this browser first, then by when it was last seen."""
    found = _signed_in(user_id)
    rows = db.session.execute(sa.select(found).order_by(found.c.seen.desc()))
    doors = [_door(row, this) for row in rows]
    return sorted(doors, key=lambda door: not door.is_this)


def page_of_doors(user_id: UUID, this: UUID, paging: Paging) -> Page[Door]:
    """The same in pages, who came in last first."""
    found = _signed_in(user_id)
    page = page_of(sa.select(found), found.c.since, found.c.id, paging, descending=True)
    return page.of(lambda rows: [_door(row, this) for row in rows])


def _signed_in(user_id: UUID) -> sa.Subquery:
    """Browsers and programs that have neither ended nor expired."""
    kinds = ((UserSession, UserSession.browser, False), (TokenFamily, TokenFamily.client, True))
    return sa.union_all(
        *(
            sa.select(
                table.id,
                agent.label("agent"),
                sa.literal(is_program).label("is_program"),
                table.created_at.label("since"),
                table.seen_at.label("seen"),
            ).where(
                table.user_id == user_id,
                table.ended_at.is_(None),
                table.expires_at > clock.now(),
            )
            for table, agent, is_program in kinds
        )
    ).subquery()


def _door(row: Any, this: UUID) -> Door:
    return Door(row.id, row.agent, row.is_program, row.id == this, row.since, row.seen)
