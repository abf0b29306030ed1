"""Proof takes an address from everybody who only claimed it. Of two at once who prove an e-mail
address one wins; a number both have: a family shares it."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.access.roles import SIGN_UP_THEMSELVES, may
from clinic.accounts.addresses import claims
from clinic.accounts.facts import UserAddressLost, UserEnded
from clinic.accounts.models import User
from clinic.accounts.proof import keys
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.sessions import browsers
from clinic.core import clock
from clinic.core.data.db import db, must_be_writing
from clinic.events.service import record

SENT_TO = {  # what opens something, by where it is sent
    "email": (Purpose.RESET, Purpose.INVITATION, Purpose.EMAIL),
    "phone": (Purpose.PHONE,),
}
SHARED = frozenset({"phone"})  # a couple, a parent and a teenager: each by a code of their own


@dataclass(frozen=True, slots=True)
class Held:
    """Who proves an address, and all others who have or claim it; locked."""

    user: User
    target: str
    others: tuple[User, ...]


def hold(user_id: UUID, kind: str, target: str) -> Held:
    """Lock who is about to prove `target`, and everybody who has or claims it."""
    must_be_writing()
    claims.alone(kind, target)
    whom = sa.or_(User.id == user_id, getattr(User, kind) == target)
    locked = db.session.scalars(
        sa.select(User)
        .where(whom)
        .order_by(User.id)  # in one order: two who prove at once would wait for each other
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    user = next(one for one in locked if one.id == user_id)
    return Held(user, target, tuple(one for one in locked if one is not user))


def refuse_proven(held: Held, kind: str) -> None:
    """Raises AlreadyInUse if one of the others has proven it before, and it cannot be shared."""
    if kind not in SHARED and any(_has_proven(other, kind) for other in held.others):
        raise claims.taken(kind)


def _has_proven(other: User, kind: str) -> bool:
    return getattr(other, f"{kind}_verified_at") is not None


def take(held: Held, kind: str) -> None:
    """`held.user` has it now, proven: who only claims it loses it. Ask `refuse_proven` before."""
    db.session.flush()
    for other in held.others:
        if _has_proven(other, kind):
            continue
        if other.password_hash:  # an invitation opens nothing yet, and will say why it does not
            _lose(other, kind)


def _lose(loser: User, kind: str) -> None:
    """Patients who have proven nothing at all have nothing left: a stranger made the account, or
    they did themselves, and are elsewhere now. Of others the address is gone, and they are told."""
    if kind not in SHARED:  # else a code that is on its way there proves that they share it
        keys.end_open(loser.id, *SENT_TO[kind])
    _clear(loser, kind)
    if kind == "email" and may(loser.role, SIGN_UP_THEMSELVES) and not loser.phone_verified_at:
        _end(loser)
        return
    lost = UserAddressLost(organisation_id=loser.organisation_id, user_id=loser.id, kind=kind)
    record(lost, THE_SYSTEM)  # who won is nobody's business there


def _end(loser: User) -> None:
    _clear(loser, "phone")
    if not loser.is_active:
        return
    loser.is_active = False
    browsers.end_all(loser.id)
    keys.end_open(loser.id, *Purpose)
    record(UserEnded(organisation_id=loser.organisation_id, user_id=loser.id), THE_SYSTEM)


def _clear(loser: User, kind: str) -> None:
    setattr(loser, kind, None)
    setattr(loser, f"{kind}_lost_at", clock.now())
