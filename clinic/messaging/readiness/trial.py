"""One message out, and its answer back: the only proof of the whole way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import SEE_SYSTEM
from clinic.core import clock, running
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Forbidden, Invalid, Unavailable, Wrong
from clinic.core.fields import PHONE, EmailAddress
from clinic.messaging import window
from clinic.messaging.channels import CHANNELS
from clinic.messaging.models import Message
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.messaging.senders import chosen
from clinic.messaging.words import catalogue
from clinic.organisations.models import Organisation

GOOD_FOR = timedelta(minutes=15)
SHOWN_FOR = timedelta(days=7)
AUDIENCE = "patient"  # the way that matters


@dataclass(frozen=True, slots=True)
class Trial:
    """The last test message, and when an answer to it came."""

    channel: str
    address: str
    status: str
    error_code: str | None
    sent_at: datetime
    answered_at: datetime | None
    can_be_answered: bool

    @property
    def is_open(self) -> bool:
        """Something may still happen to it."""
        if self.answered_at or clock.now() >= self.sent_at + GOOD_FOR:
            return False
        is_awaited = self.status == "delivered" and self.can_be_answered
        return is_awaited or self.status in ("queued", "sending", "sent")


@transactional
def send(channel: str, address: str, actor: Actor) -> None:
    """Raises Forbidden, Invalid, Unavailable."""
    if not actor.may(SEE_SYSTEM):
        raise Forbidden
    if channel not in CHANNELS:
        raise Invalid.of("channel", N_("Choose one of the ways."))
    whose = actor.organisation_id
    if channel not in chosen.ways(whose, AUDIENCE):
        raise Unavailable(N_("Nothing can be sent this way now."))
    address = _read(channel, address)
    if channel == window.CHANNEL and not window.is_open(address, clock.now()):
        words = N_("WhatsApp takes a test for a day after that number wrote to us: write first.")
        raise Invalid.of("address", words)
    moment = clock.now()
    queue_messages(
        [
            NewMessage(
                organisation_id=whose,
                channel=channel,
                address=address,
                template=catalogue.TEST,
                values={
                    "organisation": _name(whose),
                    "answers": not CHANNELS[channel].is_letter
                    and chosen.can_reply(whose, channel, AUDIENCE),
                },
                expires_at=moment + GOOD_FOR,
                is_known=True,  # somebody who runs the clinic typed it
            )
        ]
    )


def _read(channel: str, address: str) -> str:
    kind = EmailAddress() if CHANNELS[channel].is_letter else PHONE
    try:
        return kind.read(address)
    except Wrong as wrong:
        raise Invalid(wrong.words, [wrong.of("address")], **wrong.values) from None


def _name(organisation_id: UUID | None) -> str:
    if organisation_id is None:
        return running.settings().site_name
    return db.session.scalars(
        sa.select(Organisation.name).where(Organisation.id == organisation_id)
    ).one()


def last(organisation_id: UUID | None) -> Trial | None:
    whose = Message.organisation_id
    row = db.session.execute(
        sa.select(
            *(Message.channel, Message.address, Message.status, Message.error_code),
            Message.created_at,
        )
        .where(
            whose == organisation_id if organisation_id else whose.is_(None),
            Message.template == catalogue.TEST,
            Message.created_at > clock.now() - SHOWN_FOR,
        )
        .order_by(Message.created_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    can_answer = not CHANNELS[row.channel].is_letter
    return Trial(
        *row,
        answered_at=_answered(row.address, row.channel, row.created_at) if can_answer else None,
        can_be_answered=can_answer and chosen.can_reply(organisation_id, row.channel, AUDIENCE),
    )


def _answered(address: str, channel: str, since: datetime) -> datetime | None:
    return db.session.scalar(
        sa.select(sa.func.min(Message.created_at)).where(
            Message.address == address,
            Message.channel == channel,
            Message.direction == "in",
            Message.created_at > since,
            Message.provider_id.is_not(None),  # nor a desk's copy
        )
    )
