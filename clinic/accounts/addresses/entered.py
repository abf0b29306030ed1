"""An e-mail address that an administrator entered for somebody who logs in.

It could make the administrator that person, by a forgotten password. So links go to the address
before until its owner says that it is right, there or by a code of the new one; or for a day.
"""

from datetime import timedelta
from uuid import UUID

from clinic.access.actor import Actor
from clinic.accounts.addresses import taking
from clinic.accounts.addresses.taking import Held
from clinic.accounts.facts import UserContactChanged, UserContactVerified
from clinic.accounts.models import User
from clinic.accounts.proof import keys
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.sessions import browsers
from clinic.core import clock
from clinic.core.data.db import must_be_writing, transactional
from clinic.events.service import record

WAITS = timedelta(hours=24)


def is_waiting(user: User) -> bool:
    return user.email_waits_until is not None and user.email_waits_until > clock.now()


def note(user: User, before: str | None) -> UUID | None:
    """The locked user has an address that somebody else entered. Returns the key of a link that
    lets the owner of the address `before` answer; None where nobody logs in yet."""
    must_be_writing()
    still = user.email_before if is_waiting(user) else before
    settle(user)
    if not still or not user.password_hash or still == user.email:
        return None
    user.email_before, user.email_waits_until = still, clock.now() + WAITS
    return keys.issue(user.id, Purpose.CONTACT, still)


def settle(user: User) -> None:
    """Its owner has said so, or there is another one."""
    must_be_writing()
    user.email_before = user.email_waits_until = None


@transactional
def accept(token: str) -> None:
    """The owner of the address before says that the new one is right. Raises LinkSpent."""
    settle(_answered(token).user)


@transactional
def refuse(token: str) -> None:
    """It is not: the address before is theirs again, and whoever is signed in is out.

    Raises LinkSpent, and AlreadyInUse if another account has proven it meanwhile.
    """
    held = _answered(token)
    user, before = held.user, held.target
    taking.refuse_proven(held, "email")
    keys.end_open(user.id, *taking.SENT_TO["email"])
    user.email, user.email_verified_at = before, clock.now()
    settle(user)
    taking.take(held, "email")
    browsers.end_all(user.id)
    actor = Actor(role=user.role, user_id=user.id, via=str(Purpose.CONTACT))
    place, whose = user.organisation_id, user.id
    record(UserContactChanged(organisation_id=place, user_id=whose, kind="email"), actor)
    record(UserContactVerified(organisation_id=place, user_id=whose, kind="email"), actor)


def _answered(token: str) -> Held:
    """The user and who else claims the address before; spends the link."""
    opened = keys.opened_by(token, Purpose.CONTACT)
    held = taking.hold(opened.user_id, "email", opened.email)
    keys.spend(opened.key_id)
    return held
