"""What became of a reminder: its messages, occurrence by occurrence."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core.data.db import db
from clinic.messaging.models import Message
from clinic.reminders import queries

MOST_DELIVERIES = 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a reminder, as the ledger holds it."""

    message_id: UUID
    occurrence: datetime  # when it was due
    patient_id: UUID | None
    method: str
    status: str
    error_code: str | None
    sent_at: datetime | None


def deliveries(actor: Actor, reminder_id: UUID) -> list[Delivery]:
    """The newest occurrence first; at most 500. Raises NotFound."""
    queries.one(actor, reminder_id)
    about = sa.or_(Message.about_id == reminder_id, Message.dedupe_key == f"reminder:{reminder_id}")
    rows = db.session.scalars(
        sa.select(Message)
        .where(about, Message.direction == "out")
        .order_by(Message.due_at.desc(), Message.created_at.desc(), Message.id)
        .limit(MOST_DELIVERIES)
    )
    return [_delivery(row) for row in rows]


def _delivery(row: Message) -> Delivery:
    who = (row.dedupe_key or "").split(":")[3:4]
    is_patient = bool(who) and len(who[0]) == len(str(row.id))
    return Delivery(
        message_id=row.id,
        occurrence=row.due_at,
        patient_id=UUID(who[0]) if is_patient else None,
        method=row.channel,
        status=row.status,
        error_code=row.error_code,
        sent_at=row.sent_at,
    )
