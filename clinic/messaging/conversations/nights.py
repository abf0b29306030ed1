"""What somebody hears who writes while nobody is at the desk: once in each night."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.messaging.conversations import hours
from clinic.messaging.conversations.models import DeskHours
from clinic.messaging.models import Conversation
from clinic.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Night:
    opens_at: datetime | None
    zone: ZoneInfo
    emergency: str  # the number to call
    words: str  # the organisation's own, or ""


def untold(organisation_id: UUID, address: str) -> Night | None:
    """None while somebody is there, and where they heard it since the desk closed."""
    row = db.session.execute(
        sa.select(
            DeskHours.week,
            DeskHours.words,
            Organisation.timezone,
            Organisation.emergency_number,
            Conversation.told_closed_at,
        )
        .join(Organisation, Organisation.id == DeskHours.organisation_id)
        .outerjoin(
            Conversation,
            sa.and_(
                Conversation.organisation_id == DeskHours.organisation_id,
                Conversation.address == address,
            ),
        )
        .where(DeskHours.organisation_id == organisation_id, DeskHours.is_on)
    ).one_or_none()
    if row is None:
        return None
    zone, moment = clock.zone(row.timezone), clock.now()
    since = hours.closed_since(row.week, moment, zone)
    if since is None or (row.told_closed_at and row.told_closed_at >= since):
        return None
    opens = hours.opens_at(row.week, moment, zone)
    return Night(opens, zone, row.emergency_number, row.words)
