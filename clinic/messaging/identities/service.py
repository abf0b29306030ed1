"""Name a sender, prove it, make it the one that is used, and end it."""

import math
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import KEEP_SENDERS
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Forbidden, Invalid, TooMany, Unavailable
from clinic.core.fingerprints import same
from clinic.events.service import record
from clinic.messaging import channels
from clinic.messaging.errors import NotProven, SenderTaken
from clinic.messaging.facts import (
    SenderIdentityCreated,
    SenderIdentityDeleted,
    SenderIdentityFact,
    SenderIdentityUpdated,
    SenderIdentityVerified,
)
from clinic.messaging.identities import proof, queries
from clinic.messaging.models import SenderIdentity
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.messaging.senders import kinds
from clinic.messaging.senders.chosen import senders
from clinic.messaging.words.rendering import placeholder
from clinic.organisations.models import Organisation


@transactional
def create(given: Mapping[str, Any], actor: Actor) -> UUID:
    """`given`: value, and channel, kind, display_name, rate, countries and opt_outs_by as far as
    they are said. Raises Invalid, SenderTaken, Forbidden.
    """
    if not actor.may(KEEP_SENDERS) or actor.organisation_id is None:
        raise Forbidden
    channel, name, value = _written(given)
    kind = kinds.KINDS[name]
    if _exists(SenderIdentity.organisation_id == actor.organisation_id, channel, value):
        raise SenderTaken
    row = SenderIdentity(
        id=uuid4(),
        organisation_id=actor.organisation_id,
        channel=channel,
        kind=name,
        value=value,
        display_name=given.get("display_name") or "",
        can_reply=kind.can_reply and given.get("can_reply") is not False,
        rate=given.get("rate") or kind.rate,
        countries=sorted(set(given.get("countries") or ())),
        opt_outs_by=given.get("opt_outs_by") or _usual_opt_outs(name),
        created_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    _tell(SenderIdentityCreated, row, actor)
    return row.id


def _usual_opt_outs(kind: str) -> str:
    """Where answers come by the provider's own service, STOP and HELP are answered there."""
    return "provider" if kind in ("messaging_service", "toll_free", "short_code") else "us"


def _written(given: Mapping[str, Any]) -> tuple[str, str, str]:
    """Channel, kind and value. Raises Invalid."""
    value, channel = "".join(str(given.get("value") or "").split(" ")), given.get("channel")
    kind = given.get("kind") or kinds.kind_of(value, channel)
    if kind == "alphanumeric":  # the only kind in which a space means something
        value = " ".join(str(given["value"]).split())
    if kind == "email":
        value = value.lower()
    if kind not in kinds.KINDS or not kinds.KINDS[kind].written.fullmatch(value):
        raise Invalid.of("value", N_("Enter a number such as +442079460142, or what it is."))
    if channel and kinds.KINDS[kind].channel != channel:
        raise Invalid.of("channel", N_("This kind of sender belongs to another channel."))
    return kinds.KINDS[kind].channel, kind, value


def _exists(which: sa.ColumnElement[bool], channel: str, value: str) -> bool:
    query = sa.select(SenderIdentity.id).where(
        which,
        SenderIdentity.channel == channel,
        SenderIdentity.value == value,
        SenderIdentity.is_active,
    )
    return db.session.scalar(query.limit(1)) is not None


@transactional
def change(sender_id: UUID, changes: Mapping[str, Any], actor: Actor) -> None:
    """Its name, rate, countries, whether answers come back and who answers STOP. Raises NotFound,
    Invalid."""
    row = queries.row_of(sender_id, actor, lock=True)
    if changes.get("can_reply") and not kinds.KINDS[row.kind].can_reply:
        raise Invalid.of("can_reply", N_("Nobody can answer a name."))
    for name in ("display_name", "can_reply", "rate", "opt_outs_by"):
        if name in changes:
            setattr(row, name, changes[name])
    if "countries" in changes:
        row.countries = sorted(set(changes["countries"]))
    db.session.flush()
    _tell(SenderIdentityUpdated, row, actor)


def verify(sender_id: UUID, code: str | None, actor: Actor) -> None:
    """Without a code: one goes there, or the provider is asked whether it is ours. With one: it is
    proven. Raises NotFound, NotProven, SenderTaken, TooMany, Unavailable, Invalid.
    """
    kind, value, is_proven = _asked(sender_id, actor)
    if is_proven:
        return
    if kinds.KINDS[kind].is_looked_up:
        if not channels.is_in_account(kind, value):
            raise NotProven(N_("The provider does not know it as ours. Add it there first."))
        _prove(sender_id, actor)
    elif channels.is_our_own(value):  # the settings name it: who runs the product has proven it
        _prove(sender_id, actor)
    elif code:
        if not _is_right(sender_id, code, actor):
            raise Invalid.of("code", N_("That code is not right."), "wrong_code")
        _prove(sender_id, actor)
    else:
        _send_code(sender_id, actor)


@transactional
def _asked(sender_id: UUID, actor: Actor) -> tuple[str, str, bool]:
    row = queries.row_of(sender_id, actor)
    return row.kind, row.value, row.verified_at is not None


@transactional
def _is_right(sender_id: UUID, code: str, actor: Actor) -> bool:
    """Committed before anything else: a wrong guess counts whatever happens next."""
    row = queries.row_of(sender_id, actor, lock=True)
    moment = clock.now()
    if row.code_key is None or row.code_sent_at is None:
        return False
    if row.code_sent_at + proof.GOOD_FOR <= moment:
        return False
    if row.code_tries >= proof.MOST_TRIES:
        left = (row.code_sent_at + proof.GOOD_FOR - moment).total_seconds()
        raise TooMany(N_("Too many tries. Ask for a new code."), int(left) + 1)
    row.code_tries += 1
    db.session.flush()
    return same(code.strip().replace(" ", ""), proof.code_of(str(row.code_key)))


@transactional
def _send_code(sender_id: UUID, actor: Actor) -> None:
    row = queries.row_of(sender_id, actor, lock=True)
    moment = clock.now()
    if row.code_sent_at and row.code_sent_at + proof.AGAIN_AFTER > moment:
        left = (row.code_sent_at + proof.AGAIN_AFTER - moment).total_seconds()
        raise TooMany(N_("A code was sent just now. Wait a minute for it."), math.ceil(left))
    row.code_key, row.code_sent_at, row.code_tries = uuid4(), moment, 0
    db.session.flush()
    name = db.session.scalars(
        sa.select(Organisation.name).where(Organisation.id == row.organisation_id)
    ).one()
    queue_messages(
        [
            NewMessage(
                organisation_id=row.organisation_id,
                channel=_way(row),
                address=row.value,
                template="code",
                values={"organisation": name, "code": placeholder("code:sender", row.code_key)},
                audience="staff",
                expires_at=moment + proof.GOOD_FOR,
                is_known=True,  # the organisation's own administrator typed it
            )
        ]
    )


def _way(row: SenderIdentity) -> str:
    """A number of WhatsApp may be proven by SMS, where nothing goes by WhatsApp yet."""
    able = channels.that_can_send("staff")
    ways = (row.channel, "sms") if row.channel == "whatsapp" else (row.channel,)
    way = next((one for one in ways if one in able), None)
    if way is None:
        raise Unavailable(N_("No code can be sent there now: nothing is set up that could."))
    return way


@transactional
def _prove(sender_id: UUID, actor: Actor) -> None:
    row = queries.row_of(sender_id, actor, lock=True)
    proven = SenderIdentity.verified_at.is_not(None)
    if _exists(sa.and_(proven, SenderIdentity.id != row.id), row.channel, row.value):
        raise SenderTaken
    try:
        with db.session.begin_nested():
            row.verified_at, row.code_key, row.code_sent_at = clock.now(), None, None
            db.session.flush()
    except sa.exc.IntegrityError as error:  # two organisations at the same moment
        raise SenderTaken from error
    _tell(SenderIdentityVerified, row, actor)


@transactional
def make_default(sender_id: UUID, actor: Actor) -> None:
    """The organisation's messages of its channel go from it. Raises NotFound, NotProven."""
    row = queries.row_of(sender_id, actor, lock=True)
    if row.verified_at is None:
        raise NotProven(N_("Verify it first: then messages can go from it."))
    db.session.execute(
        sa.update(SenderIdentity)
        .where(
            SenderIdentity.organisation_id == row.organisation_id,
            SenderIdentity.channel == row.channel,
            SenderIdentity.id != row.id,
        )
        .values(is_default=False)
    )
    row.is_default = True
    db.session.flush()
    _tell(SenderIdentityUpdated, row, actor)


@transactional
def remove(sender_id: UUID, actor: Actor) -> None:
    """Nothing goes from it any more; messages that went stay what they are. Raises NotFound."""
    row = queries.row_of(sender_id, actor, lock=True)
    row.is_active = row.is_default = False
    db.session.flush()
    _tell(SenderIdentityDeleted, row, actor)


def _tell(fact: type[SenderIdentityFact], row: SenderIdentity, actor: Actor) -> None:
    senders().forget()
    record(fact(organisation_id=row.organisation_id, sender_identity_id=row.id), actor)
