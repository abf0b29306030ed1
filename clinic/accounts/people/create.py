"""A new account, whoever asked for it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.accounts.addresses import claims, taking
from clinic.accounts.facts import UserCreated
from clinic.accounts.models import User
from clinic.accounts.proof import passwords
from clinic.core import clock, emails
from clinic.core.data.db import db, transactional
from clinic.events.service import record


@transactional
def create_user(
    role: Role,
    full_name: str,
    email: str,
    actor: Actor,
    password_hash: str,
    phone: str | None = None,
    organisation_id: UUID | None = None,
    verified_at: datetime | None = None,
) -> User:
    """Raises AlreadyInUse for an email that is proven. Hash before: it is slow, this locks.

    `verified_at`: since when both addresses are proven, where the operator answers for them.
    """
    user = User(
        role=role,
        full_name=full_name,
        email=emails.as_typed(email),
        phone=phone,
        organisation_id=organisation_id,
        password_hash=password_hash,
        email_verified_at=verified_at,
        phone_verified_at=verified_at if phone else None,
        created_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except sa.exc.IntegrityError:
        raise claims.taken("email") from None
    record(UserCreated(organisation_id=organisation_id, user_id=user.id, role=str(role)), actor)
    return user


def create_superadmin(email: str, password: str, full_name: str, actor: Actor) -> bool:
    """Create the superadmin unless somebody has proven the address. Returns whether it was.

    Who only claims it loses it: whoever starts the product entered it here.
    Raises WeakPassword; not of an address that is known: its password was chosen long ago.
    """
    email = emails.as_typed(email)
    if not claims.is_free(email):
        return False
    passwords.refuse_weak(password, (full_name, email))
    hashed = passwords.hash_password(password)
    _store_superadmin(email, hashed, full_name, actor)
    return True


@transactional
def _store_superadmin(email: str, hashed: str, full_name: str, actor: Actor) -> None:
    user = create_user(
        Role.SUPERADMIN, full_name, email, actor, password_hash=hashed, verified_at=clock.now()
    )
    taking.take(taking.hold(user.id, "email", email), "email")
