"""Recognise people, sign them in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.addresses import claims
from clinic.accounts.errors import OtpRequired, WrongPassword
from clinic.accounts.facts import UserLoggedIn, UserLoggedOut, UserNewDevice
from clinic.accounts.models import User
from clinic.accounts.noticed import refusals
from clinic.accounts.noticed.refusals import Whose
from clinic.accounts.proof import limits, passwords, two_factor
from clinic.accounts.sessions import browsers, known_browsers, programs
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import Unavailable
from clinic.core.fingerprints import fingerprint, same
from clinic.events.service import record


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whose password was right. With `needs_code` that is half of it."""

    user_id: UUID
    role: str
    organisation_id: UUID | None
    needs_code: bool
    mark: str  # another one after the password was changed

    @property
    def actor(self) -> Actor:
        return Actor(role=self.role, user_id=self.user_id, organisation_id=self.organisation_id)


def recognise(email: str, password: str, address: str, browser: str = "") -> Known:
    """Whose password this is. Takes as long for unknown ones.

    `email`: or a number, which means who proved it.
    `browser`: what it kept of those who signed in there. Raises WrongPassword, TooMany or
    Unavailable.
    """
    email = claims.name_of(email)
    users = claims.log_in_with(email, _COLUMNS)
    kind, source = known_browsers.counted_by("login", users, address, browser)
    whose = Whose(users[0].id, users[0].organisation_id) if len(users) == 1 else Whose(None)
    with (
        refusals.noticed("login", email, address, whose),
        limits.reserved(kind, source, email),  # and no connection waits for bcrypt
    ):
        user = _whose(password, users)
        if user is None or not user.is_active:
            raise WrongPassword
    if passwords.is_outdated(user.password_hash):
        _hash_again(user, password)
    return known_as(user)


def _hash_again(user: sa.Row, password: str) -> None:
    """Hashing costs more than when the password was chosen, and it is known in this moment alone.

    It is the same password: whoever is signed in stays so. No reason to refuse anybody.
    """
    db.session.rollback()  # hashing takes its time; no connection waits for it
    try:
        again = passwords.hash_again(password, user.password_hash)
    except Unavailable:
        return
    _store_again(user.id, user.password_hash, again)


@transactional
def _store_again(user_id: UUID, before: str, again: str) -> None:
    same_still = (User.id == user_id, User.password_hash == before)
    db.session.execute(sa.update(User).where(*same_still).values(password_hash=again))


def _whose(password: str, users: Sequence[sa.Row]) -> sa.Row | None:
    """Mostly there is one, or none, which takes as long."""
    if not users:
        passwords.matches(password, None)
    return next((one for one in users if passwords.matches(password, one.password_hash)), None)


def known_again(user_id: UUID, mark: str) -> Known | None:
    """Who was recognised a moment ago, unless they are deactivated or the password changed."""
    user = db.session.execute(_LOGIN.where(User.id == user_id)).one_or_none()
    if user is None or not user.is_active or not same(_mark(user.password_hash), mark):
        return None
    return known_as(user)


_COLUMNS = (
    User.id,
    User.password_hash,
    User.is_active,
    User.organisation_id,
    User.role,
    User.totp_enabled_at,
)
_LOGIN = sa.select(*_COLUMNS)


def known_as(user: Any) -> Known:
    """`user`: a User, or a row of its columns that Known needs."""
    has_two_factor = user.totp_enabled_at is not None
    mark = _mark(user.password_hash)
    return Known(user.id, user.role, user.organisation_id, has_two_factor, mark)


def _mark(password_hash: str) -> str:
    return fingerprint(known_browsers.kept_of(password_hash))[:32]


def check_code(known: Known, code: str | None, address: str) -> None:
    """The other half. Raises OtpRequired, WrongOtp, TooMany; nothing where it is not needed."""
    if not known.needs_code:
        return
    if not code:
        raise OtpRequired
    confirm_code(known.user_id, known.organisation_id, code, address)


def confirm_code(user_id: UUID, organisation_id: UUID | None, code: str, address: str) -> None:
    """Spend a code of the app, or one for recovery. Raises WrongOtp or TooMany."""
    account = str(user_id)
    with (
        refusals.noticed("otp", account, address, Whose(user_id, organisation_id)),
        limits.reserved("otp", address, account),
    ):
        two_factor.check(user_id, code)


def _refuse_outdated(known: Known) -> str:
    """Raises WrongPassword when the password or what else was recognised changed since then.

    Holds the user: a change at this moment waits, and then ends what is opened here. Returns the
    hash of the password.
    """
    held = _LOGIN.where(User.id == known.user_id).with_for_update(read=True)
    user = db.session.execute(held).one_or_none()
    if user is None or not user.is_active or known_as(user) != known:
        raise WrongPassword
    return user.password_hash


@transactional
def open_browser(known: Known, browser: str | None, kept: str = "") -> str:
    """Sign in: returns the token of a new session, for the cookie. Raises WrongPassword.

    `kept`: what the browser kept of those who signed in there.
    """
    is_first = _is_first(known.user_id)
    password_hash = _refuse_outdated(known)
    token = browsers.open_session(known.user_id, browser)
    is_new = not is_first and not known_browsers.knows(kept, known.user_id, password_hash)
    _say_here(known, is_new)
    return token


@transactional
def open_program(known: Known, client: str | None) -> programs.Pair:
    """Sign a program in: returns its first tokens. Raises WrongPassword."""
    is_first = _is_first(known.user_id)
    _refuse_outdated(known)
    is_new = not is_first and not programs.knows(known.user_id, client)
    pair = programs.open_family(known.user_id, client)
    _say_here(known, is_new)
    return pair


def _is_first(user_id: UUID) -> bool:
    """Is it the first time, or the first since devices are known? Then all are new, and none is
    told. Before the user is held: two who held it could not both change it.
    """
    first = sa.update(User).where(User.id == user_id, User.known_since.is_(None))
    found = db.session.execute(first.values(known_since=clock.now()).returning(User.id)).first()
    return found is not None


def _say_here(known: Known, is_new_device: bool) -> None:
    kinds = (UserLoggedIn, UserNewDevice) if is_new_device else (UserLoggedIn,)
    for kind in kinds:
        fact = kind(organisation_id=known.organisation_id, user_id=known.user_id)
        record(fact, known.actor)


@transactional
def end_program(family_id: UUID, actor: Actor) -> None:
    programs.end_family(family_id)
    _say_gone(actor)


@transactional
def sign_out(session_id: UUID, actor: Actor) -> None:
    browsers.end_session(session_id)
    _say_gone(actor)


def _say_gone(actor: Actor) -> None:
    user_id = cast(UUID, actor.user_id)  # whoever signs out was signed in
    record(UserLoggedOut(organisation_id=actor.organisation_id, user_id=user_id), actor)
