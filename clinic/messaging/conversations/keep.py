"""The conversation that a text which came in belongs to: begun with the first, kept with each."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from clinic.core.data.db import db, is_sqlite, must_be_writing
from clinic.messaging.models import Conversation, Message


def note(
    *text_ids: UUID,
    desks: Collection[UUID] = (),
    is_read: bool = False,
    told_closed_at: datetime | None = None,
) -> None:
    """Each organisation that has one of these texts has it in its inbox; `desks` have a copy each.

    `is_read`: it did what it asked for by itself, so nobody need read it. `told_closed_at`: when
    the answer said that nobody is at the desk.
    """
    must_be_writing()
    rows = _conversations(_texts(text_ids, desks), is_read)
    for row in rows:
        row["told_closed_at"] = told_closed_at
    if rows:
        db.session.execute(_kept(), rows)


def copy_key(text_id: UUID, desk: UUID) -> str:
    """Of the copy of a text that this desk has."""
    return f"inbound:{text_id}:{desk}"


def pass_on(goes: UUID, stays: UUID) -> None:
    """Two records of one person are one: what was attached to the other is theirs."""
    must_be_writing()
    db.session.execute(
        sa.update(Conversation).where(Conversation.patient_id == goes).values(patient_id=stays)
    )


def _texts(text_ids: Sequence[UUID], desks: Collection[UUID]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The oldest first."""
    copies = [copy_key(text_id, desk) for text_id in text_ids for desk in desks]
    query = sa.select(
        Message.id,
        Message.organisation_id,
        Message.address,
        Message.channel,
        Message.created_at,
        Message.needs_attention,
    ).where(
        sa.or_(Message.id.in_(text_ids), Message.dedupe_key.in_(copies)),
        Message.direction == "in",
        Message.organisation_id.is_not(None),
    )
    return db.session.execute(query.order_by(Message.created_at, Message.id)).all()


def _conversations(
    texts: Sequence[sa.Row[*tuple[Any, ...]]], is_read: bool
) -> list[dict[str, Any]]:
    """One of each organisation and number: a statement changes no row twice."""
    found: dict[tuple[UUID, str], dict[str, Any]] = {}
    for text in texts:
        key = text.organisation_id, text.address
        before = found.get(key, {"id": uuid4(), "unread": 0, "waits": False})
        found[key] = {
            "id": before["id"],
            "organisation_id": text.organisation_id,
            "address": text.address,
            "channel": text.channel,
            "last_id": text.id,
            "last_at": text.created_at,
            "unread": before["unread"] + (not is_read),
            "waits": before["waits"] or text.needs_attention,
        }
    return list(found.values())


def _kept() -> sa.Insert:
    """Two first texts at once make one conversation. What somebody must read opens a closed one."""
    insert = (sqlite if is_sqlite() else postgresql).insert(Conversation)
    new = insert.excluded
    waits = sa.bindparam("waits", type_=sa.Boolean)
    return insert.on_conflict_do_update(
        index_elements=["organisation_id", "address"],
        set_={
            "channel": new.channel,
            "last_id": new.last_id,
            "last_at": new.last_at,
            "unread": Conversation.unread + new.unread,
            "closed_at": sa.case((waits, sa.null()), else_=Conversation.closed_at),
            "told_closed_at": sa.func.coalesce(new.told_closed_at, Conversation.told_closed_at),
        },
    )
