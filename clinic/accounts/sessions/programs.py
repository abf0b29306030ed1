"""Tokens for programs: a short access token, and a refresh token that works once.

Both name a row of `token_families`; ending the row ends them, whoever holds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.bearer import Bearer
from clinic.accounts.errors import BadToken
from clinic.accounts.facts import UserTokenReused
from clinic.accounts.models import TokenFamily, User
from clinic.accounts.sessions import person, tokens
from clinic.accounts.sessions.person import SEEN_EVERY, SignedIn
from clinic.core import clock, running
from clinic.core.data.db import db, transactional
from clinic.core.data.trips.together import Row, Together, Values
from clinic.core.fingerprints import fingerprint
from clinic.events.service import record

REFRESH_LIFETIME = timedelta(days=7)
LONGEST_FAMILY = timedelta(days=30)  # of a family, however often it is refreshed


@dataclass(frozen=True, slots=True)
class Pair:
    access_token: str
    refresh_token: str
    expires_in: int  # seconds


@transactional
def open_family(user_id: UUID, client: str | None) -> Pair:
    moment = clock.now()
    family_id, jti = uuid4(), uuid4().hex
    db.session.add(
        TokenFamily(
            id=family_id,
            user_id=user_id,
            refresh_hash=fingerprint(jti),
            client=(client or "")[:200],
            created_at=moment,
            seen_at=moment,
            expires_at=moment + LONGEST_FAMILY,
        )
    )
    db.session.flush()
    return _pair(Bearer(family_id, user_id), jti, moment)


def knows(user_id: UUID, client: str | None) -> bool:
    """Has a program that calls itself so acted for this account in the last months?"""
    same = sa.select(TokenFamily.id).where(
        TokenFamily.user_id == user_id, TokenFamily.client == (client or "")[:200]
    )
    return db.session.scalar(same.limit(1)) is not None


def refresh(token: str) -> tuple[Pair, UUID]:
    """A new pair and whose it is. Raises BadToken; a token used twice ends its family."""
    claims = tokens.claims_of(token, tokens.REFRESH)
    new_jti = uuid4().hex
    if not _rotate(claims, new_jti):
        raise BadToken
    bearer = Bearer(UUID(claims["sid"]), UUID(claims["sub"]))
    return _pair(bearer, new_jti, clock.now()), bearer.user_id


@transactional
def _rotate(claims: dict[str, Any], new_jti: str) -> bool:
    """One conditional UPDATE: of two that hold the same token, one gets the next."""
    family_id, moment = UUID(claims["sid"]), clock.now()
    is_open = sa.and_(
        TokenFamily.id == family_id,
        TokenFamily.ended_at.is_(None),
        TokenFamily.expires_at > moment,
        TokenFamily.user_id.in_(sa.select(User.id).where(User.is_active)),
    )
    rotated = db.session.execute(
        sa.update(TokenFamily)
        .where(is_open, TokenFamily.refresh_hash == fingerprint(claims["jti"]))
        .values(refresh_hash=fingerprint(new_jti), seen_at=moment)
        .returning(TokenFamily.id)
    ).first()
    if rotated:
        return True
    ended = db.session.execute(
        sa.update(TokenFamily).where(is_open).values(ended_at=moment).returning(TokenFamily.user_id)
    ).first()
    if ended:  # it was used before: somebody else may have it
        actor = Actor(role="unknown", via="token")
        record(UserTokenReused(organisation_id=None, user_id=ended.user_id), actor)
    return False


# Who asks: no row once the family or the account has ended. What else is read together with it
# is read with `asked(bearer)` among its values, and hands its rows to `signed_in`.
WHO = person.joined(
    sa.select(*person.PERSON, TokenFamily.id.label("session_id"), TokenFamily.seen_at),
    TokenFamily,
).where(
    TokenFamily.id == sa.bindparam("family_id"),
    TokenFamily.user_id == sa.bindparam("user_id"),
    TokenFamily.ended_at.is_(None),
    TokenFamily.expires_at > sa.bindparam("moment"),
    User.is_active,
)
_FIELDS = tuple(WHO.selected_columns.keys())
_ALONE = Together(who=WHO)


def asked(bearer: Bearer) -> Values:
    return {
        "family_id": bearer.family_id,
        "user_id": bearer.user_id,
        "moment": clock.now(),
        **person.insisted(),
    }


def signed_in(rows: Sequence[Row]) -> SignedIn | None:
    """The person of the row that WHO has found, if any. Notes once a minute that they were here."""
    if not rows:
        return None
    found = SignedIn(token="", **dict(zip(_FIELDS, rows[0], strict=True)))
    if clock.now() - found.seen_at > SEEN_EVERY:
        note_seen(found.session_id)
    return found


def look_up(bearer: Bearer) -> SignedIn | None:
    """The person behind a token whose family is still open."""
    return signed_in(_ALONE.ask(asked(bearer))["who"])


def load(token: str) -> SignedIn | None:
    """The same of the token itself."""
    bearer = tokens.bearer_of(token)
    return look_up(bearer) if bearer else None


@transactional
def note_seen(family_id: UUID) -> None:
    db.session.execute(
        sa.update(TokenFamily).where(TokenFamily.id == family_id).values(seen_at=clock.now())
    )


@transactional
def end_family(family_id: UUID) -> None:
    db.session.execute(
        sa.update(TokenFamily)
        .where(TokenFamily.id == family_id, TokenFamily.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


@transactional
def forget_old() -> int:
    """Remove families that expired more than a month ago. Returns how many."""
    gone = db.session.execute(
        sa.delete(TokenFamily).where(TokenFamily.expires_at < clock.now() - timedelta(days=30))
    )
    return gone.rowcount  # type: ignore[attr-defined]


def _pair(bearer: Bearer, jti: str, moment: datetime) -> Pair:
    short = timedelta(minutes=running.settings().access_token_expire_minutes)
    return Pair(
        access_token=tokens.signed(bearer, uuid4().hex, tokens.ACCESS, moment, short),
        refresh_token=tokens.signed(bearer, jti, tokens.REFRESH, moment, REFRESH_LIFETIME),
        expires_in=int(short.total_seconds()),
    )
