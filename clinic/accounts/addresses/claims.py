"""Whose an address is: theirs who proved it. Until then it is claimed, by three who have a login.

Proof takes it from all who only claimed it. An e-mail address has one prover; a number may have
several, each by a code of their own: families share one. Decisions 0031 and 0047.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import ACT_EVERYWHERE
from clinic.accounts.errors import AlreadyInUse
from clinic.accounts.models import User
from clinic.accounts.proof.standing import has_proven, is_proven
from clinic.core import clock, emails
from clinic.core.data.db import db, must_be_writing, one_at_a_time
from clinic.core.errors import N_, FieldError, Wrong
from clinic.core.phones import e164, parse_phone
from clinic.organisations import queries as organisations

MOST_CLAIMANTS = 3  # each costs a login one more look at a password
TAKEN = {
    "email": N_("That email address already belongs to an account."),
    "phone": N_("That number already belongs to an account."),
}
_HAS_LOGIN = sa.and_(User.is_active, User.password_hash != "")


def refuse_claimed(email: str, phone: str | None) -> None:
    """For who makes an account of their own. Raises AlreadyInUse for an address that is proven,
    for the same person's second try, and for a fourth who claims it.

    Who proved the number is not asked: a couple shares one, and it would tell.
    """
    alone("email", email)
    again = sa.and_(_HAS_LOGIN, User.phone == phone)
    refused, claimants = db.session.execute(
        sa.select(
            sa.func.count().filter(sa.or_(is_proven("email"), was_before(email), again)),
            sa.func.count().filter(_HAS_LOGIN),
        ).where(sa.or_(User.email == email, was_before(email)))
    ).one()
    if refused or claimants >= MOST_CLAIMANTS:
        raise taken("email")


def taken(kind: str) -> AlreadyInUse:
    """Names the field. Of a sign-up it is always the e-mail address: numbers are shared."""
    return AlreadyInUse(TAKEN[kind], [FieldError(kind, AlreadyInUse.code, TAKEN[kind])])


def refuse_taken(
    email: str | None,
    phone: str | None,
    actor: Actor,
    place: UUID | None,
    but: UUID | None = None,
) -> None:
    """For who gives an account at `place`. Raises AlreadyInUse, which names the field, unless
    only the user `but` has them.

    An administrator is told of colleagues; nothing of accounts elsewhere, which only a superadmin
    may know of.
    """
    given = {"email": email and email.lower(), "phone": phone}
    told = User.organisation_id == place if place else sa.false()
    if actor.may(ACT_EVERYWHERE):
        told = sa.or_(told, User.is_active, has_proven())
    others = sa.and_(told, User.id != but if but else sa.true())
    for kind, target in given.items():
        if not target:
            continue
        alone(kind, target)
        same = sa.select(User.id).where(getattr(User, kind) == target, others)
        if db.session.scalar(same.limit(1)):
            raise taken(kind)


def is_free(email: str, but: UUID | None = None) -> bool:
    """Has nobody proven the address, `but` this user?"""
    proven = sa.select(User.id).where(User.email == email, is_proven("email"))
    if but:
        proven = proven.where(User.id != but)
    return db.session.scalar(proven.limit(1)) is None


def was_before(email: str) -> sa.ColumnElement[bool]:
    """Whose address it was until an administrator entered another one that is not settled yet."""
    return sa.and_(User.email_before == email, User.email_waits_until > clock.now())


def log_in_with(name: str, columns: Iterable[Any]) -> Sequence[Any]:
    """The `columns` of whom a login with this name can mean; `name` is one of `name_of`.

    Of an e-mail address: who proved it, else its claimants. Of a number: the first who proved it.
    """
    if "@" not in name:
        whose = sa.and_(User.phone == name, is_proven("phone"))
        first = sa.select(*columns).where(whose).order_by(User.phone_verified_at, User.id)
        return db.session.execute(first.limit(MOST_CLAIMANTS)).all()
    email = name
    mine = sa.case((sa.and_(User.email == email, is_proven("email")), 1), else_=0)
    found: Sequence[Any] = db.session.execute(
        sa.select(*columns, mine.label("is_proven"))
        .where(sa.or_(User.email == email, was_before(email)))
        .where(sa.or_(is_proven("email"), _HAS_LOGIN))
        .order_by(mine.desc(), is_proven("phone").desc(), User.created_at, User.id)
        .limit(MOST_CLAIMANTS)
    ).all()
    return found[:1] if found and found[0].is_proven else found


def number_alone(user: User) -> str | None:
    """The number that this user and nobody else has proven."""
    if not user.phone or not user.phone_verified_at:
        return None
    shared = sa.select(User.id).where(User.phone == user.phone, is_proven("phone"))
    others = db.session.scalar(shared.where(User.id != user.id).limit(1))
    return None if others else user.phone


def name_of(typed: str) -> str:
    """What somebody logs in with, in the one way it is written: an e-mail address, or E.164.

    What is neither is nobody's, and not worth an error.
    """
    if "@" in typed:
        return emails.as_typed(typed)
    try:
        return e164(parse_phone(typed, organisations.default_country()))
    except Wrong:
        return emails.as_typed(typed)


def written_to_at(email: str) -> UUID | None:
    """Whose link is sent to this address: who proved it, else the newest who claims it.

    Not whom an administrator gave the address just now: theirs is still the one before.
    """
    must_be_writing()
    settled = sa.or_(User.email_waits_until.is_(None), User.email_waits_until <= clock.now())
    return db.session.scalar(
        sa.select(User.id)
        .where(User.is_active, sa.or_(sa.and_(User.email == email, settled), was_before(email)))
        .order_by(
            is_proven("email").desc(),
            was_before(email).desc(),
            is_proven("phone").desc(),
            (User.password_hash != "").desc(),
            User.created_at.desc(),
        )
        .limit(1)
        .with_for_update(read=True, key_share=True)
    )


def alone(kind: str, target: str) -> None:
    """One at a time for each address."""
    one_at_a_time(f"{kind}:{target}")
