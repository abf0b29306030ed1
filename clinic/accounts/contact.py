"""Proving and changing the addresses of an account: a new one counts once its code came back."""

from uuid import UUID

import sqlalchemy as sa

from clinic.accounts import keys, limits
from clinic.accounts.keys import Purpose
from clinic.accounts.models import User
from clinic.accounts.service import AlreadyInUse
from clinic.core import clock, running
from clinic.core.db import db, transactional
from clinic.core.security import Actor
from clinic.events.names import Event
from clinic.events.service import record
from clinic.messaging.rendering import placeholder
from clinic.messaging.service import NewMessage, queue_messages

KINDS = {"email": Purpose.EMAIL, "phone": Purpose.PHONE}
CHANNELS = {"email": "email", "phone": "sms"}


def send_code(user_id: UUID, kind: str, target: str, address: str) -> None:
    """Send a code to the user's own or new `target` (lower-case e-mail, or E.164). Raises TooMany.

    Ask for the password first when the target is new. Whether somebody else has it is told only
    to who holds it: when the code is entered.
    """
    limits.refuse_when_too_many("code", address, str(user_id))
    limits.note_failure("code", address, str(user_id))
    _send(user_id, kind, target)


@transactional
def _send(user_id: UUID, kind: str, target: str) -> None:
    purpose = KINDS[kind]
    key_id = keys.issue(user_id, purpose, target)
    language = db.session.scalar(sa.select(User.language).where(User.id == user_id))
    code = NewMessage(
        organisation_id=None,
        channel=CHANNELS[kind],
        address=target,
        template="code",
        values={
            "organisation": running.settings().site_name,
            "code": placeholder(f"code:{purpose}", key_id),
        },
        language=language or "en",
        about_id=key_id,
        expires_at=clock.now() + keys.LIFETIME[purpose],
        dedupe_key=f"code:{key_id}",
    )
    queue_messages([code])


def prove(user_id: UUID, kind: str, code: str, actor: Actor) -> str:
    """Take the address the code was sent to. Raises WrongCode, TooMany, AlreadyInUse."""
    target = keys.prove(user_id, KINDS[kind], code)
    _take(user_id, kind, target, actor)
    return target


@transactional
def _take(user_id: UUID, kind: str, target: str, actor: Actor) -> None:
    user = db.session.get_one(User, user_id, populate_existing=True)
    before = getattr(user, kind)
    try:
        with db.session.begin_nested():
            setattr(user, kind, target)
            setattr(user, f"{kind}_verified_at", clock.now())
    except sa.exc.IntegrityError:
        raise AlreadyInUse from None
    changed = before != target
    event = Event.USER_CONTACT_CHANGED if changed else Event.USER_CONTACT_VERIFIED
    record(event, actor, user.organisation_id, user_id=user_id, kind=kind)
    if changed and before:
        _tell_the_old(user, kind, before)


def _tell_the_old(user: User, kind: str, before: str) -> None:
    """If it was not them, they must hear of it where they still are."""
    letter = NewMessage(
        organisation_id=None,
        channel=CHANNELS[kind],
        address=before,
        template="contact_changed",
        values={"organisation": running.settings().site_name, "name": user.full_name, "kind": kind},
        language=user.language,
        about_id=user.id,
    )
    queue_messages([letter])
