"""Proving and changing the addresses of an account: a new one counts once its code came back."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.addresses import entered, taking
from clinic.accounts.facts import UserContactChanged, UserContactVerified
from clinic.accounts.models import User
from clinic.accounts.proof import keys, limits, standing
from clinic.accounts.proof.keys import Purpose
from clinic.core import clock
from clinic.core.data.db import db, is_there, must_be_writing, transactional
from clinic.core.errors import N_, TooMany
from clinic.events.service import record
from clinic.messaging.channels import USUAL
from clinic.messaging.consents import service as consents
from clinic.messaging.consents.vocabulary import Agreed
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.messaging.words.rendering import placeholder
from clinic.organisations.site import queries as sites

KINDS = {"email": Purpose.EMAIL, "phone": Purpose.PHONE}


def send_code(
    user_id: UUID, kind: str, target: str, address: str, agreed: Agreed | None = None
) -> None:
    """Send a code to the user's own or new `target` (lower-case e-mail, or E.164).

    `agreed`: to texts there, by the words that were shown.

    Raises TooMany, also where too much went to that address of late, whoever asked for it.

    Ask for the password first when the target is new. Whether somebody else has it is told only
    to who holds it: when the code is entered.
    """
    limits.count_try("code", address, str(user_id))
    if not _send(user_id, kind, target, agreed):
        raise TooMany(N_("Too many messages went to this address. Try again in an hour."), 3600)


def send_again(user_id: UUID, kind: str, target: str, address: str) -> None:
    """Another code, the one that works from now on, to where one is on its way already.

    Raises TooMany within a minute of that, and like `send_code`.
    """
    if keys.awaited(user_id, KINDS[kind]) == target:
        refuse_soon(keys.wait_s(user_id, KINDS[kind]))
    send_code(user_id, kind, target, address)


def refuse_soon(wait_s: int) -> None:
    if wait_s:
        raise TooMany(N_("You can ask for another code in %(wait)s s."), wait_s, wait=wait_s)


def send_code_along(user_id: UUID, kind: str, target: str) -> bool:
    """The same inside the transaction of who asks, so that the code goes if their work is kept.

    Whoever asks limits how often. Returns False where a cap of messages holds it back.
    """
    must_be_writing()
    return _send(user_id, kind, target)


# Users are locked before their keys, everywhere: else two commands could wait for each other.
_LANGUAGE = sa.select(User.language).with_for_update(read=True, key_share=True)


@transactional
def _send(user_id: UUID, kind: str, target: str, agreed: Agreed | None = None) -> bool:
    """False if a cap holds it back: the ledger shows that."""
    if agreed:
        consents.remember(target, agreed)
    purpose = KINDS[kind]
    language = db.session.scalar(_LANGUAGE.where(User.id == user_id))
    key_id = keys.issue(user_id, purpose, target)
    code = NewMessage(
        organisation_id=None,
        channel=USUAL[kind],
        address=target,
        template="code",
        values={
            "organisation": sites.for_person(user_id).name,
            "code": placeholder(f"code:{purpose}", key_id),
        },
        language=language or "en",
        about_id=key_id,
        expires_at=clock.now() + keys.LIFETIME[purpose],
        dedupe_key=f"code:{key_id}",
        is_known=_is_proven(user_id, kind, target),
    )
    return not queue_messages([code]).refused


def _is_proven(user_id: UUID, kind: str, target: str) -> bool:
    its_own = (User.id == user_id, getattr(User, kind) == target)
    return is_there(*its_own, standing.is_proven(kind))


def prove(user_id: UUID, kind: str, code: str, actor: Actor) -> str:
    """Take the address the code was sent to. Raises WrongCode, TooMany, AlreadyInUse."""
    target = keys.prove(user_id, KINDS[kind], code)
    _take(user_id, kind, target, actor)
    return target


@transactional
def _take(user_id: UUID, kind: str, target: str, actor: Actor) -> None:
    held = taking.hold(user_id, kind, target)
    taking.refuse_proven(held, kind)
    change(held.user, {kind: target}, clock.now(), actor)
    taking.take(held, kind)


def change(
    user: User, given: Mapping[str, str | None], verified_at: datetime | None, actor: Actor
) -> None:
    """Give a locked user an `email`, a `phone` or both: proven `verified_at`, or not yet.

    The old address is told, and what is on its way there opens nothing any more.
    """
    must_be_writing()
    before = {kind: getattr(user, kind) for kind in given}
    was_proven = {kind: getattr(user, f"{kind}_verified_at") is not None for kind in given}
    if verified_at and "email" in given:
        entered.settle(user)
    for kind, target in given.items():
        setattr(user, kind, target)
        setattr(user, f"{kind}_verified_at", verified_at)
        setattr(user, f"{kind}_lost_at", None)
    db.session.flush()
    for kind, target in given.items():
        changed = before[kind] != target
        event = UserContactChanged if changed else UserContactVerified
        record(event(organisation_id=user.organisation_id, user_id=user.id, kind=kind), actor)
        if not changed:
            continue
        keys.end_open(user.id, *taking.SENT_TO[kind])
        key_id = None
        if kind == "email":
            key_id = None if verified_at else entered.note(user, before[kind])
        if before[kind] and user.password_hash:  # whoever never came is not waiting for news
            _tell_the_old(user, kind, before[kind], was_proven[kind], key_id)


def _tell_the_old(
    user: User, kind: str, before: str, was_proven: bool, key_id: UUID | None
) -> None:
    """If it was not them, they must hear of it where they still are; with a link to answer."""
    letter = NewMessage(
        organisation_id=None,
        channel=USUAL[kind],
        address=before,
        template="contact_changed",
        values={
            "organisation": sites.for_person(user.id).name,
            "kind": kind,
            "link": placeholder("link:contact", key_id) if key_id else None,
        },
        language=user.language,
        about_id=user.id,
        is_known=was_proven,
    )
    queue_messages([letter])
