"""The development inbox: what would have reached people's telephones and mailboxes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.core import clock, running
from clinic.core.data.db import db
from clinic.messaging import channels
from clinic.messaging.inbound.shared import is_copy
from clinic.messaging.models import Message
from clinic.messaging.statuses import Status
from clinic.messaging.words.rendering import with_secrets
from clinic.messaging.words.unsubscribing import with_way_out
from clinic.organisations.models import Organisation

MOST_PHONES = 12
MOST_BUBBLES = 20
MOST_LETTERS = 20
TEXTS = Message.channel.in_(channels.TEXTS)
LETTERS = Message.channel.in_(channels.LETTERS)
CAME = sa.and_(Message.direction == "in", ~is_copy())
# What waits, failed or was taken back is on nobody's telephone.
ARRIVED = sa.or_(CAME, Message.status.in_((Status.SENT, Status.DELIVERED)))


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text on a telephone; `mine` is what its owner wrote."""

    id: str
    mine: bool
    at: datetime
    zone: ZoneInfo
    text: str


@dataclass(frozen=True, slots=True)
class Phone:
    address: str
    bubbles: list[Bubble]


@dataclass(frozen=True, slots=True)
class Letter:
    id: UUID
    address: str
    at: datetime
    zone: ZoneInfo
    subject: str
    text: str


def is_open() -> bool:
    return running.settings().development


def numbers() -> list[str]:
    """The telephones that got or sent a text, the latest first."""
    last = sa.func.max(Message.created_at)
    query = sa.select(Message.address).where(TEXTS, ARRIVED).group_by(Message.address)
    return list(db.session.scalars(query.order_by(last.desc()).limit(MOST_PHONES)))


def phone(address: str) -> Phone:
    """What stands on one telephone, oldest first, with the links filled in."""
    rows = _rows(sa.and_(TEXTS, ARRIVED, Message.address == address), MOST_BUBBLES)
    return Phone(address, [bubble for row in reversed(rows) for bubble in _bubbles(row)])


def letters() -> list[Letter]:
    """The mail to everybody, newest first."""
    return [
        Letter(
            id=row.Message.id,
            address=row.Message.address,
            at=row.Message.created_at,
            zone=_zone(row),
            subject=row.Message.subject or "",
            text=with_secrets(_as_read(row.Message)),
        )
        for row in _rows(sa.and_(LETTERS, ARRIVED), MOST_LETTERS)
    ]


def _as_read(row: Message) -> str:
    return with_way_out(row.body, row.template, row.id, row.language)


def _rows(which: sa.ColumnElement[bool], limit: int) -> list[sa.Row]:
    query = (
        sa.select(Message, Organisation.timezone)
        .outerjoin(Organisation, Organisation.id == Message.organisation_id)
        .where(which)
        .order_by(Message.created_at.desc(), Message.id)
        .limit(limit)
    )
    return list(db.session.execute(query))


def _bubbles(row: sa.Row) -> list[Bubble]:
    """The text itself and, when it was answered at once, the answer."""
    told: Message = row.Message
    parts = [(str(told.id), told.direction == "in", told.body)]
    if told.answer:
        parts.append((f"{told.id}-answer", False, told.answer))
    return [
        Bubble(key, mine, told.created_at, _zone(row), text if mine else with_secrets(text))
        for key, mine, text in parts
    ]


def _zone(row: sa.Row) -> ZoneInfo:
    return clock.zone(row.timezone or "UTC")
