"""One message out, and its answer back: the only proof of the whole way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import SEE_SYSTEM
from clinic.core import clock, running
from clinic.core.data.db import db, one_at_a_time, transactional
from clinic.core.errors import N_, Forbidden, Invalid, Unavailable, Wrong
from clinic.core.fields import PHONE, EmailAddress
from clinic.messaging import window
from clinic.messaging.channels import CHANNELS
from clinic.messaging.models import Message
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.messaging.senders import chosen
from clinic.messaging.statuses import Status
from clinic.messaging.words import catalogue
from clinic.organisations.models import Organisation

GOOD_FOR = timedelta(minutes=15)
SHOWN_FOR = timedelta(days=7)
AUDIENCE = "patient"  # the way that matters
MOST_A_DAY = 30  # of one organisation, to whomever


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
def send(channel: str, address: str, actor: Actor) -> UUID:
    """The message; while one waits to go there, a second wish is the first one. Raises Forbidden,
    Invalid, Unavailable."""
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
    one_at_a_time(f"test:{whose}")
    return _waiting(whose, channel, address) or _queue(whose, channel, address)


def _waiting(whose: UUID | None, channel: str, address: str) -> UUID | None:
    query = sa.select(Message.id).where(
        Message.organisation_id.is_not_distinct_from(whose),
        Message.address == address,
        Message.channel == channel,
        Message.template == catalogue.TEST,
        Message.status.in_((Status.QUEUED, Status.SENDING)),
        Message.expires_at > clock.now(),
    )
    return db.session.scalar(query.limit(1))


def _queue(whose: UUID | None, channel: str, address: str) -> UUID:
    """Nobody has proven that the address is theirs: it counts as a stranger's, or whoever gets hold
    of one account texts the whole world at everybody's expense."""
    is_letter = CHANNELS[channel].is_letter
    test = NewMessage(
        organisation_id=whose,
        channel=channel,
        address=address,
        template=catalogue.TEST,
        values={
            "organisation": _name(whose),
            "answers": not is_letter and chosen.can_reply(whose, channel, AUDIENCE),
        },
        expires_at=clock.now() + GOOD_FOR,
        dedupe_key=f"test:{uuid4()}",
        is_known=False,
    )
    if _is_enough(whose) or queue_messages([test]).refused:
        words = N_("Too many tests went out in a short time. Try again later.")
        raise Invalid.of("address", words, "too_many")
    return db.session.scalars(
        sa.select(Message.id).where(Message.dedupe_key == test.dedupe_key)
    ).one()


def _is_enough(whose: UUID | None) -> bool:
    count = sa.select(sa.func.count()).where(
        Message.organisation_id.is_not_distinct_from(whose),
        Message.template == catalogue.TEST,
        Message.created_at > clock.now() - timedelta(days=1),
    )
    return (db.session.scalar(count) or 0) >= MOST_A_DAY


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
        answered_at=_answered(row, organisation_id) if can_answer else None,
        can_be_answered=can_answer and chosen.can_reply(organisation_id, row.channel, AUDIENCE),
    )


def _answered(test: sa.Row, whose: UUID | None) -> datetime | None:
    """When they wrote to whoever sent the test: that they wrote to another clinic tells nobody."""
    return db.session.scalar(
        sa.select(sa.func.min(Message.created_at)).where(
            Message.address == test.address,
            Message.channel == test.channel,
            Message.direction == "in",
            Message.created_at > test.created_at,
            # Of all: what came in itself, not the copies of each desk.
            Message.organisation_id == whose if whose else Message.provider_id.is_not(None),
        )
    )
