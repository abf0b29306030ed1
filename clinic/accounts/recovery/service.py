"""Back into an account: forgotten passwords, invitations, and changing a known password."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.addresses import claims, taking
from clinic.accounts.addresses.taking import Held
from clinic.accounts.errors import AddressOfAnother, AlreadyInUse, NotYourPassword
from clinic.accounts.facts import UserPasswordChanged, UserPasswordReset
from clinic.accounts.models import OneTimeKey, User
from clinic.accounts.proof import keys, limits, passwords, standing
from clinic.accounts.proof.checks import confirm_password
from clinic.accounts.proof.keys import Opened, Purpose
from clinic.accounts.recovery import first_proof
from clinic.accounts.sessions import browsers, known_browsers
from clinic.accounts.signin.service import Known, known_as
from clinic.core import emails
from clinic.core.data.db import db, transactional
from clinic.events import tasks
from clinic.events.service import record
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.messaging.words.rendering import placeholder
from clinic.organisations.site import queries as sites

SEND_TASK = "send_reset"
# The user before the keys, everywhere: else two commands could wait for each other.
LOCKED: dict[str, Any] = {"with_for_update": {"key_share": True}, "populate_existing": True}


def forget(email: str, address: str, browser: str = "") -> None:
    """Have a reset link sent, if the address is anybody's: the caller cannot tell. Raises TooMany.

    Known or not, the same rows are written; the worker alone looks whose they are. A `browser`
    somebody signed in with counts by itself.
    """
    email = emails.as_typed(email)
    users = claims.log_in_with(email, known_browsers.ACCOUNT) if browser else ()
    kind, source = known_browsers.counted_by("reset", users, address, browser)
    limits.count_try(kind, source, email)
    _ask(email)


@transactional
def _ask(email: str) -> None:
    user_id = claims.written_to_at(email)
    key_id = keys.issue(user_id, Purpose.RESET, email)
    tasks.enqueue(SEND_TASK, key_id, None)


@transactional
def send_reset(key_id: UUID) -> None:
    """The background task. A key that is nobody's, or that is spent, sends nothing."""
    row = db.session.execute(
        sa.select(
            OneTimeKey.target,
            OneTimeKey.user_id,
            User.email,
            User.language,
            OneTimeKey.expires_at,
            standing.is_proven("email").label("is_known"),
        )
        .join(OneTimeKey, OneTimeKey.user_id == User.id)
        .where(OneTimeKey.id == key_id, OneTimeKey.used_at.is_(None), User.is_active)
    ).one_or_none()
    if row is None:
        return
    letter = NewMessage(
        organisation_id=None,
        channel="email",
        address=row.target or row.email,
        template="reset",
        values={
            "organisation": sites.for_person(row.user_id).name,
            "link": placeholder("link:reset", key_id),
        },
        language=row.language,
        about_id=key_id,
        expires_at=row.expires_at,
        dedupe_key=f"reset:{key_id}",
        is_known=row.is_known,
    )
    queue_messages([letter])


def set_password(token: str, purpose: Purpose, password: str) -> Known:
    """Spend a reset or invitation link. Everybody signed in as this user is out, at once.

    Returns who that is now: without two-factor they may be let in. Raises LinkSpent,
    WeakPassword, TooMany, Unavailable; AddressOfAnother when another account has proven the
    address.
    """
    opened = keys.opened_by(token, purpose)
    words, who = (opened.full_name, opened.email), str(opened.user_id)
    db.session.rollback()  # hashing takes its time; no connection waits for it
    return _take_password(opened, passwords.chosen(password, words, who), purpose)


@transactional
def _take_password(opened: Opened, password_hash: str, purpose: Purpose) -> Known:
    held = taking.hold(opened.user_id, "email", opened.email)
    keys.spend(opened.key_id)
    user = held.user
    actor = Actor(role=user.role, user_id=user.id, via=str(purpose))
    if user.email == opened.email:  # the link came by e-mail, so the address is proven
        _refuse_proven(held)
        first_proof.note(user, purpose, actor)
        taking.take(held, "email")
    user.password_hash = password_hash
    # What they alone log in with: who holds the mailbox is not kept out by strangers. A number that
    # they claim or share may be another's log-in, whose password they would guess for ever.
    for name in filter(None, (opened.email, claims.number_alone(user))):
        limits.forgive("login", name)
    keys.end_open(user.id, Purpose.RESET, Purpose.INVITATION)
    browsers.end_all(user.id)
    record(UserPasswordReset(organisation_id=user.organisation_id, user_id=user.id), actor)
    _tell(user)
    return known_as(user)  # whatever changes after this moment makes it worthless


def _refuse_proven(held: Held) -> None:
    try:
        taking.refuse_proven(held, "email")
    except AlreadyInUse:
        raise AddressOfAnother from None


def change_password(
    user_id: UUID, session_id: UUID, old: str, new: str, address: str, actor: Actor
) -> None:
    """Everybody else who is signed in as this user is out. Raises NotYourPassword, WeakPassword."""
    known = confirm_password(user_id, old, address)
    user = db.session.get_one(User, user_id)
    words = (user.full_name, user.email)
    db.session.rollback()
    _store(user_id, session_id, known, passwords.chosen(new, words, str(user_id)), actor)


@transactional
def _store(user_id: UUID, session_id: UUID, known: str, password_hash: str, actor: Actor) -> None:
    """Nothing of somebody whose password or session was taken from them meanwhile."""
    user = db.session.get_one(User, user_id, **LOCKED)
    same = known_browsers.kept_of(user.password_hash) == known_browsers.kept_of(known)
    if not same or not user.is_active or not browsers.is_open(session_id):
        raise NotYourPassword
    user.password_hash = password_hash
    keys.end_open(user_id, Purpose.RESET)
    browsers.end_all(user_id, but=session_id)
    record(UserPasswordChanged(organisation_id=user.organisation_id, user_id=user_id), actor)
    _tell(user)


def _tell(user: User) -> None:
    """If it was not them, they must hear of it."""
    if not user.email:
        return
    letter = NewMessage(
        organisation_id=None,
        channel="email",
        address=user.email,
        template="password_changed",
        values={"organisation": sites.for_person(user.id).name},
        language=user.language,
        about_id=user.id,
        is_known=user.email_verified_at is not None,
    )
    queue_messages([letter])
