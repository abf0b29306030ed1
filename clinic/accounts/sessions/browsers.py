"""Server-side sessions: the cookie holds a random token, the row decides if it still counts."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.accounts.models import TokenFamily, User, UserSession
from clinic.accounts.sessions.person import PERSON, SignedIn, idle_limit, insisted, joined
from clinic.core import clock
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.core.data.trips.together import Row, Together, Values
from clinic.core.fingerprints import fingerprint

LONGEST_SESSION = timedelta(hours=12)


@transactional
def open_session(user_id: UUID, browser: str | None) -> str:
    """Create a session and return its token, which is stored nowhere but in the cookie."""
    token = secrets.token_urlsafe(32)
    moment = clock.now()
    db.session.execute(
        sa.insert(UserSession).values(
            id=uuid4(),
            user_id=user_id,
            token_hash=fingerprint(token),
            browser=(browser or "")[:200],
            created_at=moment,
            seen_at=moment,
            expires_at=moment + LONGEST_SESSION,
        )
    )
    return token


# Who looks: no row once the session or the account has ended. What else is read together with it
# is read with `asked(token)` among its values, and hands its rows to `in_browser`.
WHO = joined(
    sa.select(*PERSON, UserSession.id.label("session_id"), UserSession.seen_at), UserSession
).where(
    UserSession.token_hash == sa.bindparam("token_hash"),
    UserSession.ended_at.is_(None),
    UserSession.expires_at > sa.bindparam("moment"),
    User.is_active,
)
_FIELDS = tuple(WHO.selected_columns.keys())
_ALONE = Together(who=WHO)


@dataclass(frozen=True, slots=True)
class InBrowser(SignedIn):
    """Somebody whose cookie it is."""

    def is_still_signed_in(self) -> bool:
        found = load(self.token)
        return (
            found is not None
            and found.is_authenticated
            and not found.must_enrol
            and found.actor == self.actor
        )


def asked(token: str) -> Values:
    return {"token_hash": fingerprint(token), "moment": clock.now(), **insisted()}


def in_browser(token: str, rows: Sequence[Row]) -> InBrowser | None:
    """The person of the row that WHO has found, if any. Locked if idle."""
    if not rows:
        return None
    found = InBrowser(token=token, **dict(zip(_FIELDS, rows[0], strict=True)))
    if clock.now() - found.seen_at > idle_limit(found.role):
        return replace(found, is_authenticated=False)
    return found


def load(token: str) -> InBrowser | None:
    """The person whose open session this is: not ended, expired or deactivated. Locked if idle."""
    return in_browser(token, _ALONE.ask(asked(token))["who"])


@transactional
def note_seen(session_id: UUID) -> None:
    db.session.execute(
        sa.update(UserSession).where(UserSession.id == session_id).values(seen_at=clock.now())
    )


@transactional
def end_session(session_id: UUID) -> None:
    db.session.execute(
        sa.update(UserSession)
        .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def end_one(user_id: UUID, key: UUID) -> bool:
    """End one session or token family of that user. Returns whether there was one to end."""
    must_be_writing()
    for table in (UserSession, TokenFamily):
        ended = db.session.execute(
            sa.update(table)
            .where(table.id == key, table.user_id == user_id, table.ended_at.is_(None))
            .values(ended_at=clock.now())
            .returning(table.id)
        ).first()
        if ended:
            return True
    return False


def is_open(key: UUID) -> bool:
    """Has this session or token family not been ended?"""
    return any(
        db.session.scalar(sa.select(table.id).where(table.id == key, table.ended_at.is_(None)))
        for table in (UserSession, TokenFamily)
    )


@transactional
def end_all(user_id: UUID, but: UUID | None = None) -> None:
    """End every session and token of the user at once, `but` the one in use."""
    for table in (UserSession, TokenFamily):
        ends = sa.update(table).where(table.user_id == user_id, table.ended_at.is_(None))
        if but:
            ends = ends.where(table.id != but)
        db.session.execute(ends.values(ended_at=clock.now()))


@transactional
def forget_old() -> int:
    """Remove sessions that ended or expired more than a month ago. Returns how many."""
    gone = db.session.execute(
        sa.delete(UserSession).where(UserSession.expires_at < clock.now() - timedelta(days=30))
    )
    return gone.rowcount  # type: ignore[attr-defined]
