"""Conversations for people: the list, one with all its lines, and how many wait."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import Visible, same_organisation
from clinic.accounts.models import User
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.messaging.conversations.models import DeskReply
from clinic.messaging.desk.queries import VISIBLE as MESSAGES
from clinic.messaging.models import Conversation, Message
from clinic.messaging.words import rendering
from clinic.patients.models import Patient

VISIBLE = Visible(
    "conversation",
    {
        Role.STAFF: same_organisation(Conversation.organisation_id),
        Role.ADMIN: same_organisation(Conversation.organisation_id),
    },
)
NEEDS_REPLY, MINE, ALL = "needs_reply", "mine", "all"
MOST_LINES = 100

_last = aliased(Message)


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` is a part of a number; `numbers` and `patients` are those of whoever is so called."""

    show: str = ALL
    text: str = ""
    numbers: Collection[str] = ()
    patients: Collection[UUID] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation in the list."""

    id: UUID
    address: str
    channel: str
    patient_id: UUID | None
    unread: int
    last_at: datetime
    last_text: str
    last_direction: str
    waits_since: datetime | None
    claimed_by: UUID | None
    claimed_name: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a conversation; `answer` was texted back to it at once, `written_by` somebody
    at the desk."""

    id: UUID
    direction: str
    channel: str
    template: str
    subject: str
    body: str
    answer: str
    status: str
    error_code: str | None
    created_at: datetime
    written_by: UUID | None
    written_name: str | None


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    birth_date: date | None


def conversations(actor: Actor, asked: Asked, paging: Paging) -> Page[Thread]:
    """Those in which something was written last come first. Raises BadCursor."""
    query = _threads().where(VISIBLE.to(actor), *_conditions(actor, asked))
    found = page_of(query, Conversation.last_at, Conversation.id, paging, descending=True)
    return found.of(lambda rows: [_thread(row) for row in rows])


def one(actor: Actor, conversation_id: UUID) -> Thread:
    """Raises NotFound for another organisation's."""
    query = _threads().where(VISIBLE.to(actor), Conversation.id == conversation_id)
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return _thread(row)


def _threads() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Conversation,
            User.full_name,
            _last.body,
            _last.direction,
            _waits_since().label("waits_since"),
        )
        .join(_last, _last.id == Conversation.last_id)
        .outerjoin(User, User.id == Conversation.claimed_by)
    )


def waiting_texts() -> tuple[Any, ...]:
    """What came in, of the conversation of a statement, and still needs somebody."""
    return (
        Message.organisation_id == Conversation.organisation_id,
        Message.address == Conversation.address,
        Message.direction == "in",
        Message.needs_attention,
    )


def _waits_since() -> sa.ScalarSelect[datetime]:
    earliest = sa.select(sa.func.min(Message.created_at)).where(*waiting_texts())
    return earliest.correlate(Conversation).scalar_subquery()


def _conditions(actor: Actor, asked: Asked) -> Iterator[sa.ColumnElement[bool]]:
    if asked.show == NEEDS_REPLY:
        yield sa.select(Message.id).where(*waiting_texts()).correlate(Conversation).exists()
    if asked.show == MINE:
        yield sa.and_(Conversation.claimed_by == actor.user_id, Conversation.closed_at.is_(None))
    if asked.text:
        yield _is_found(asked)


def _is_found(asked: Asked) -> sa.ColumnElement[bool]:
    # A number is kept as +44770..., and typed as 0770...
    part = asked.text.replace(" ", "").removeprefix("0").lower()
    alike = [Conversation.address.contains(part, autoescape=True)] if part else []
    return sa.or_(
        *alike,
        among(Conversation.address, asked.numbers),
        among(Conversation.patient_id, asked.patients),
    )


def _thread(row: sa.Row[Any]) -> Thread:
    found: Conversation = row.Conversation
    return Thread(
        id=found.id,
        address=found.address,
        channel=found.channel,
        patient_id=found.patient_id,
        unread=found.unread,
        last_at=found.last_at,
        last_text=rendering.with_dots(row.body),
        last_direction=row.direction,
        waits_since=row.waits_since,
        claimed_by=found.claimed_by,
        claimed_name=row.full_name,
        closed_at=found.closed_at,
    )


def lines(actor: Actor, thread: Thread) -> list[Line]:
    """The last that went to and fro, the first first; dots stand for links and codes. A reply from
    here is one of them wherever it went."""
    replies = sa.select(DeskReply.message_id).where(DeskReply.conversation_id == thread.id)
    here = sa.or_(Message.address == thread.address, Message.id.in_(replies))
    query = (
        sa.select(Message, DeskReply.written_by, User.full_name)
        .outerjoin(DeskReply, DeskReply.message_id == Message.id)
        .outerjoin(User, User.id == DeskReply.written_by)
        .where(MESSAGES.to(actor), here, Message.audience == "patient")
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(MOST_LINES)
    )
    return [_line(*row) for row in reversed(db.session.execute(query).all())]


def last_reply(conversation_id: UUID) -> tuple[UUID, UUID | None, str] | None:
    """Of the desk: the message, who wrote it, and their name."""
    row = db.session.execute(
        sa.select(DeskReply.message_id, DeskReply.written_by, User.full_name)
        .join(Message, Message.id == DeskReply.message_id)
        .outerjoin(User, User.id == DeskReply.written_by)
        .where(DeskReply.conversation_id == conversation_id)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(1)
    ).one_or_none()
    return (row.message_id, row.written_by, row.full_name or "") if row else None


def _line(row: Message, written_by: UUID | None, name: str | None) -> Line:
    return Line(
        id=row.id,
        direction=row.direction,
        channel=row.channel,
        template=row.template,
        subject=row.subject or "",
        body=rendering.with_dots(row.body),
        answer=rendering.with_dots(row.answer or ""),
        status=row.status,
        error_code=row.error_code,
        created_at=row.created_at,
        written_by=written_by,
        written_name=name,
    )


def attached(patient_ids: Collection[UUID]) -> dict[UUID, Attached]:
    if not patient_ids:
        return {}
    query = sa.select(Patient.id, Patient.full_name, Patient.birth_date)
    rows = db.session.execute(query.where(among(Patient.id, patient_ids)))
    return {row.id: Attached(row.full_name, row.birth_date) for row in rows}


def count_waiting(actor: Actor) -> sa.Select[Any]:
    """How many conversations need a reply, to be asked along with other questions."""
    return sa.select(sa.func.count(sa.distinct(Message.address))).where(
        MESSAGES.to(actor), Message.direction == "in", Message.needs_attention
    )
