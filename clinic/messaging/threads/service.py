"""What the front desk does with a conversation: who answers it, whose it is, is it done."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.core.errors import NotFound
from clinic.events.service import record
from clinic.messaging.errors import AlreadyClaimed
from clinic.messaging.facts import ConversationAttached, ConversationClaimed, ConversationDetached
from clinic.messaging.models import Conversation, Message
from clinic.messaging.queueing.messages import ring, ring_counts
from clinic.messaging.threads import queries
from clinic.patients.models import PatientOrganisation


def held(conversation_id: UUID, actor: Actor) -> Conversation:
    """Whoever comes at the same time waits. Raises NotFound for another organisation's."""
    must_be_writing()
    found = db.session.scalar(
        sa.select(Conversation)
        .where(Conversation.id == conversation_id, queries.VISIBLE.to(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


@transactional
def claim(conversation_id: UUID, actor: Actor) -> None:
    """Answer it: of two at once one does. Raises NotFound or AlreadyClaimed."""
    found = held(conversation_id, actor)
    if found.claimed_by == actor.user_id:
        return
    if found.claimed_by:
        raise AlreadyClaimed(name_of(found.claimed_by))
    found.claimed_by, found.claimed_at = actor.user_id, clock.now()
    record(
        ConversationClaimed(organisation_id=found.organisation_id, conversation_id=found.id), actor
    )
    ring({found.organisation_id})


def name_of(user_id: UUID) -> str:
    return db.session.scalar(sa.select(User.full_name).where(User.id == user_id)) or ""


@transactional
def release(conversation_id: UUID, actor: Actor) -> None:
    """Anybody at the desk may: who claimed it may have gone home. Raises NotFound."""
    found = held(conversation_id, actor)
    found.claimed_by = found.claimed_at = None
    ring({found.organisation_id})


@transactional
def close(conversation_id: UUID, actor: Actor, read_to: datetime | None = None) -> bool:
    """Nothing is left to be said, until they write again. Raises NotFound.

    `read_to` is when the last text came that was read: where another came since, it stays open and
    False is returned.
    """
    found = held(conversation_id, actor)
    is_done = not _came_after(found, read_to)
    if is_done:
        found.closed_at = found.closed_at or clock.now()
        found.claimed_by = found.claimed_at = None
    settle(found, read_to)
    return is_done


@transactional
def reopen(conversation_id: UUID, actor: Actor) -> None:
    """Raises NotFound."""
    found = held(conversation_id, actor)
    found.closed_at = None
    ring({found.organisation_id})


@transactional
def mark_read(conversation_id: UUID, actor: Actor, read_to: datetime | None = None) -> None:
    """It may need a reply all the same; what came after `read_to` is unread. Raises NotFound."""
    found = held(conversation_id, actor)
    found.unread = min(found.unread, _came_after(found, read_to))
    ring({found.organisation_id})


@transactional
def attach(conversation_id: UUID, patient_id: UUID | None, actor: Actor) -> None:
    """It is that patient's; None: of whoever has the number. Raises NotFound for a patient whom
    the organisation does not know.
    """
    found = held(conversation_id, actor)
    if patient_id and not _is_patient_of(patient_id, found.organisation_id):
        raise NotFound
    if found.patient_id == patient_id:
        return
    found.patient_id = patient_id
    place, key = found.organisation_id, found.id
    record(
        ConversationAttached(organisation_id=place, conversation_id=key, patient_id=patient_id)
        if patient_id
        else ConversationDetached(organisation_id=place, conversation_id=key),
        actor,
    )
    ring({found.organisation_id})


def _is_patient_of(patient_id: UUID, organisation_id: UUID) -> bool:
    return db.session.get(PatientOrganisation, (patient_id, organisation_id)) is not None


def _came_after(found: Conversation, read_to: datetime | None) -> int:
    """How many texts nobody can have read yet; without `read_to` all were."""
    if read_to is None:
        return 0
    count = sa.select(sa.func.count()).where(*_came_in(found), Message.created_at > read_to)
    return db.session.scalar(count) or 0


def _came_in(found: Conversation) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Message.organisation_id == found.organisation_id,
        Message.address == found.address,
        Message.direction == "in",
    )


def settle(found: Conversation, read_to: datetime | None = None) -> None:
    """What came in is read, and needs nobody any more; but what came after `read_to` waits."""
    must_be_writing()
    found.unread = min(found.unread, _came_after(found, read_to))
    db.session.flush()
    db.session.execute(
        sa.update(Message)
        .where(
            *_came_in(found),
            Message.needs_attention,
            *([Message.created_at <= read_to] if read_to else []),
        )
        .values(needs_attention=False)
    )
    if read_to and found.unread:
        _have_wait(found, read_to)
    ring({found.organisation_id})
    ring_counts({found.organisation_id})


def _have_wait(found: Conversation, read_to: datetime) -> None:
    """The first that nobody has read: the one that stood for it before the desk does no more."""
    first = sa.select(Message.id).where(*_came_in(found), Message.created_at > read_to)
    db.session.execute(
        sa.update(Message)
        .where(Message.id == first.order_by(Message.created_at).limit(1).scalar_subquery())
        .values(needs_attention=True)
    )
