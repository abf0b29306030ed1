"""Tokens for programs: a short access token, and a refresh token that works once.

Both name a row of `token_families`; ending the row ends them, whoever holds them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.errors import BadToken
from clinic.accounts.facts import UserTokenReused
from clinic.accounts.models import TokenFamily, User
from clinic.accounts.sessions import person
from clinic.accounts.sessions.person import SEEN_EVERY, SignedIn
from clinic.core import clock, running
from clinic.core.data.db import db, transactional
from clinic.core.fingerprints import fingerprint
from clinic.events.service import record

ISSUER = "clinic"
ACCESS, REFRESH = "clinic:access", "clinic:refresh"  # audiences: neither works as the other
REFRESH_LIFETIME = timedelta(days=7)
LONGEST_FAMILY = timedelta(days=30)  # of a family, however often it is refreshed
CLAIMS = ["exp", "iat", "iss", "aud", "sub", "sid", "jti"]


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
    return _pair(user_id, family_id, jti, moment)


def refresh(token: str) -> tuple[Pair, UUID]:
    """A new pair and whose it is. Raises BadToken; a token used twice ends its family."""
    claims = _claims(token, REFRESH)
    new_jti = uuid4().hex
    if not _rotate(claims, new_jti):
        raise BadToken
    user_id = UUID(claims["sub"])
    return _pair(user_id, UUID(claims["sid"]), new_jti, clock.now()), user_id


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


_OPEN = person.joined(
    sa.select(*person.PERSON, TokenFamily.id.label("session_id"), TokenFamily.seen_at),
    TokenFamily,
).where(
    TokenFamily.id == sa.bindparam("family_id"),
    TokenFamily.user_id == sa.bindparam("user_id"),
    TokenFamily.ended_at.is_(None),
    TokenFamily.expires_at > sa.bindparam("moment"),
    User.is_active,
)


def load(token: str) -> SignedIn | None:
    """The person behind an access token whose family is still open."""
    try:
        claims = _claims(token, ACCESS)
    except BadToken:
        return None
    moment = clock.now()
    asked = {"family_id": UUID(claims["sid"]), "user_id": UUID(claims["sub"]), "moment": moment}
    row = db.session.execute(_OPEN, asked).one_or_none()
    if row is None:
        return None
    if moment - row.seen_at > SEEN_EVERY:
        note_seen(row.session_id)
    return SignedIn(token="", **row._mapping)


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


def _pair(user_id: UUID, family_id: UUID, jti: str, moment: datetime) -> Pair:
    short = timedelta(minutes=running.settings().access_token_expire_minutes)
    return Pair(
        access_token=_signed(user_id, family_id, uuid4().hex, ACCESS, moment, short),
        refresh_token=_signed(user_id, family_id, jti, REFRESH, moment, REFRESH_LIFETIME),
        expires_in=int(short.total_seconds()),
    )


def _signed(
    user_id: UUID, family_id: UUID, jti: str, audience: str, moment: datetime, life: timedelta
) -> str:
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "sub": str(user_id),
        "sid": str(family_id),
        "jti": jti,
        "iat": moment,
        "exp": moment + life,
    }
    settings = running.settings()
    return jwt.encode(claims, settings.jwt_secret_key, settings.jwt_algorithm)


def _claims(token: str, audience: str) -> dict[str, Any]:
    """Raises BadToken."""
    settings = running.settings()
    try:
        claims = jwt.decode(
            token,
            settings.jwt_secret_key,
            algorithms=[settings.jwt_algorithm],  # pinned: the token's own word is not asked
            audience=audience,
            issuer=ISSUER,
            options={"require": CLAIMS},
        )
        UUID(claims["sub"]), UUID(claims["sid"])
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        raise BadToken from None
    return claims
