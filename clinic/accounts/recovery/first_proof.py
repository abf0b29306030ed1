"""The first link that comes back from a mailbox: what was set up before may be a stranger's."""

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import SIGN_UP_THEMSELVES, may
from clinic.accounts.facts import (
    UserContactChanged,
    UserContactVerified,
    UserReclaimed,
    UserTwoFactorDisabled,
)
from clinic.accounts.models import RecoveryCode, User
from clinic.accounts.proof import keys
from clinic.accounts.proof.keys import Purpose
from clinic.core import clock
from clinic.core.data.db import db, must_be_writing
from clinic.events.service import record


def note(user: User, purpose: Purpose, actor: Actor) -> None:
    """The locked user's e-mail address is proven by a link; their password is still the old one.

    Who never chose one has set nothing up, and who came by an invitation got it from nobody else.
    """
    must_be_writing()
    if user.email_verified_at:
        return
    user.email_verified_at = clock.now()
    place, whose = user.organisation_id, user.id
    record(UserContactVerified(organisation_id=place, user_id=whose, kind="email"), actor)
    if purpose is Purpose.RESET and user.password_hash:
        _clean(user, actor)


def _clean(user: User, actor: Actor) -> None:
    """Whoever chose the password before had not shown that they read this mailbox."""
    keys.end_open(user.id, *Purpose)
    if user.totp_enabled_at:
        record(UserTwoFactorDisabled(organisation_id=user.organisation_id, user_id=user.id), actor)
    user.totp_enabled_at = user.totp_secret = user.totp_last_step = None
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    if may(user.role, SIGN_UP_THEMSELVES):  # else an administrator entered the number
        _forget_phone(user, actor)


def _forget_phone(user: User, actor: Actor) -> None:
    """Also one that was proven: by whom, nobody knows. But what its owner booked stays."""
    place, whose = user.organisation_id, user.id
    if not user.phone_verified_at:
        record(UserReclaimed(organisation_id=place, user_id=whose), actor)
    if user.phone:
        record(UserContactChanged(organisation_id=place, user_id=whose, kind="phone"), actor)
        user.phone_lost_at = clock.now()
    user.phone = user.phone_verified_at = None
