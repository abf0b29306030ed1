"""Server-side sessions: the cookie holds a random token, the row decides if it still counts."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.accounts.models import TokenFamily, User, UserSession
from clinic.accounts.roles import Role
from clinic.accounts.vocabulary import photo_version
from clinic.core import clock
from clinic.core.db import db, must_be_writing, transactional
from clinic.core.security import Actor, fingerprint
from clinic.organisations.models import OrganisationSettings

LONGEST = timedelta(hours=12)
IDLE = {Role.PATIENT: timedelta(minutes=30)}
IDLE_AT_WORK = timedelta(minutes=15)
SUBTITLES = {
    Role.SUPERADMIN: "Superadmin",
    Role.ADMIN: "Administrator",
    Role.STAFF: "Front desk",
    Role.DOCTOR: "Doctor",
    Role.PATIENT: "Patient",
}
SEEN_EVERY = timedelta(minutes=1)  # a write on each page view would cost more than it tells

# Rooms above this one, by table name only: the ids a person acts with.
_doctors = sa.table(
    "doctors", sa.column("id", sa.Uuid), sa.column("user_id", sa.Uuid), sa.column("name")
)
_patients = sa.table("patients", sa.column("id", sa.Uuid), sa.column("user_id", sa.Uuid))
_rules = OrganisationSettings.__table__


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a request, as Flask-Login's current_user: a copy, not a live row."""

    id: UUID
    token: str
    session_id: UUID
    role: str
    organisation_id: UUID | None
    full_name: str
    email: str
    phone: str | None
    timezone: str | None
    language: str
    photo_key: str | None
    doctor_id: UUID | None
    patient_id: UUID | None
    seen_at: datetime
    must_enrol: bool  # the organisation insists on a second factor, and there is none yet
    is_authenticated: bool = True  # not while locked: then nothing but the password counts
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def is_locked(self) -> bool:
        """Idle for too long: the screen locks in place."""
        return not self.is_authenticated

    def get_id(self) -> str:
        """What Flask-Login puts into the cookie: never the user's id, which cannot be ended."""
        return self.token

    @property
    def actor(self) -> Actor:
        return Actor(
            role=self.role,
            user_id=self.id,
            organisation_id=self.organisation_id,
            doctor_id=self.doctor_id,
            patient_id=self.patient_id,
        )

    @property
    def initials(self) -> str:
        words = self.full_name.removeprefix("Dr ").split()
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()

    @property
    def photo_version(self) -> str | None:
        return photo_version(self.photo_key)

    @property
    def idle_seconds(self) -> int:
        return int(idle_limit(self.role).total_seconds())

    @property
    def subtitle(self) -> str:
        """The role, in words for people."""
        return SUBTITLES[Role(self.role)]

    def copy(self) -> "SignedIn":
        """Itself, out of Flask-Login's proxy, for use after the request."""
        return replace(self)

    def is_still_signed_in(self) -> bool:
        found = load(self.token)
        return (
            found is not None
            and found.is_authenticated
            and not found.must_enrol
            and (found.id, found.role) == (self.id, self.role)
        )


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
            expires_at=moment + LONGEST,
        )
    )
    return token


# The person as pages and programs know them; whoever selects it joins what it comes from.
PERSON = (
    User.id,
    User.role,
    User.organisation_id,
    User.full_name,
    User.email,
    User.phone,
    User.timezone,
    User.language,
    User.photo_key,
    _doctors.c.id.label("doctor_id"),
    _patients.c.id.label("patient_id"),
    sa.and_(
        User.totp_enabled_at.is_(None), sa.func.coalesce(_rules.c.two_factor_required, sa.false())
    ).label("must_enrol"),
)


def joined(query: sa.Select[Any], table: type[UserSession] | type[TokenFamily]) -> sa.Select[Any]:
    """The query with the rooms that PERSON needs."""
    return (
        query.join(User, User.id == table.user_id)
        .outerjoin(_doctors, _doctors.c.user_id == User.id)
        .outerjoin(_patients, _patients.c.user_id == User.id)
        .outerjoin(_rules, _rules.c.organisation_id == User.organisation_id)
    )


_OPEN = joined(
    sa.select(*PERSON, UserSession.id.label("session_id"), UserSession.seen_at), UserSession
).where(
    UserSession.token_hash == sa.bindparam("token_hash"),
    UserSession.ended_at.is_(None),
    UserSession.expires_at > sa.bindparam("moment"),
    User.is_active,
)


def load(token: str) -> SignedIn | None:
    """The person whose open session this is: not ended, expired or deactivated. Locked if idle."""
    moment = clock.now()
    asked = {"token_hash": fingerprint(token), "moment": moment}
    row = db.session.execute(_OPEN, asked).one_or_none()
    if row is None:
        return None
    awake = moment - row.seen_at <= idle_limit(row.role)
    return SignedIn(token=token, is_authenticated=awake, **row._mapping)


def idle_limit(role: str) -> timedelta:
    return IDLE.get(Role(role), IDLE_AT_WORK)


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
