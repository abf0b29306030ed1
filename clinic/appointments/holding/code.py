"""The code that proves who holds a visit: sent along with the booking, entered, sent again."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.addresses import contact
from clinic.accounts.models import User
from clinic.accounts.proof import keys, limits
from clinic.accounts.proof.standing import has_proven
from clinic.core import running
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.core.errors import TooMany
from clinic.messaging import channels
from clinic.patients.models import Patient


@dataclass(frozen=True, slots=True)
class Person:
    """Whose visit it is, and where a code can be sent."""

    user_id: UUID
    is_proven: bool
    email: str | None
    phone: str | None

    def kinds(self, first: str) -> list[str]:
        """`phone`, `email`: what there is, `first` before the other, but what no provider is set
        up for behind.
        """
        there = [kind for kind in (first, *contact.KINDS) if getattr(self, kind)]
        return sorted(dict.fromkeys(there), key=lambda kind: not _can_leave(kind))


@dataclass(frozen=True, slots=True)
class Awaited:
    """A code on its way, that can still be entered."""

    kind: str
    target: str
    wait_s: int  # until another may be asked for


_PERSON = sa.select(User.id, has_proven().label("is_proven"), User.email, User.phone).join(
    Patient, Patient.user_id == User.id
)


def locked(patient_id: UUID) -> Person:
    """As it stands now and until the end of the transaction: a proof waits for it, or was first."""
    must_be_writing()
    query = _PERSON.where(Patient.id == patient_id).with_for_update(read=True, of=User)
    return Person(*db.session.execute(query).one())


def person(patient_id: UUID) -> Person:
    return Person(*db.session.execute(_PERSON.where(Patient.id == patient_id)).one())


def send_along(holder: Person, channel: str, client: str) -> None:
    """With the booking, to the address that the visit's news go to; one that works already does.

    To the other address where that one got too much; where both did, or there is none, nothing:
    the desk sees the visit and calls. Raises TooMany for an account that asks for code after code:
    it would hold a visit by that.
    """
    if awaited(holder.user_id):
        return
    first = "email" if channel in channels.LETTERS else "phone"
    limits.refuse_when_too_many("code", client, str(holder.user_id))
    for kind in holder.kinds(first):
        try:
            return contact.send_code(holder.user_id, kind, getattr(holder, kind), client)
        except TooMany:
            keys.end_open(holder.user_id, contact.KINDS[kind])  # it is not on its way


def awaited(user_id: UUID) -> Awaited | None:
    for kind, purpose in contact.KINDS.items():
        target = keys.awaited(user_id, purpose)
        if target:
            return Awaited(kind, target, keys.wait_s(user_id, purpose))
    return None


def send_again(holder: Person, kind: str, client: str) -> None:
    """To the account's own address of that kind; the one code that works from now on.

    Raises TooMany.
    """
    target = getattr(holder, kind)
    if target:
        contact.send_again(holder.user_id, kind, target, client)
        _end_others(holder.user_id, kind)


@transactional
def _end_others(user_id: UUID, kind: str) -> None:
    keys.end_open(user_id, *(one for name, one in contact.KINDS.items() if name != kind))


def enter(user_id: UUID, code: str, actor: Actor) -> None:
    """Raises WrongCode, TooMany, AlreadyInUse."""
    waits = awaited(user_id)
    contact.prove(user_id, waits.kind if waits else "phone", code, actor)


def _can_leave(kind: str) -> bool:
    settings = running.settings()
    return not settings.production or channels.calls_out(channels.USUAL[kind])
