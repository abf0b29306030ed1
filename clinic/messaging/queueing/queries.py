"""What may be promised: which ways are open, who is stopped, and what was really queued."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.core.data.db import db
from clinic.messaging import channels
from clinic.messaging.models import Message, OptOut
from clinic.messaging.senders import chosen
from clinic.organisations.models import OrganisationSettings


@dataclass(frozen=True, slots=True)
class Stop:
    """Why no texts go to an address: `opted_out` or `unreachable`."""

    address: str
    kind: str
    since: datetime
    reason: str  # a provider's code, or `stop_word`

    @property
    def channels(self) -> tuple[str, ...]:
        """By which nothing goes there."""
        return channels.HEEDING


@dataclass(frozen=True, slots=True)
class Told:
    """A message about a visit as the ledger holds it."""

    id: UUID
    channel: str
    address: str
    template: str
    status: str
    error_code: str | None
    created_at: datetime


def ways(organisation_id: UUID | None, audience: str = "patient") -> tuple[str, ...]:
    """The channels by which something would leave now, in the order in which they are tried."""
    return chosen.ways(organisation_id, audience)


def ways_of_any() -> tuple[str, ...]:
    """The same of any organisation, where it is not known which one is asked."""
    return chosen.ways_of_any()


def stop_of(address: sa.SQLColumnExpression[Any]) -> sa.ScalarSelect[str | None]:
    """Why no texts go to the address of a statement's row; NULL where they do.

    The person's own word comes before what was found out about the number.
    """
    return sa.select(sa.func.min(OptOut.kind)).where(OptOut.address == address).scalar_subquery()


_SETTINGS = aliased(OrganisationSettings)


def order_of(organisation_id: Any) -> sa.ScalarSelect[str]:
    """In which order channels are tried, by the organisation of a statement's row."""
    settings = sa.select(_SETTINGS.channel_order)
    return settings.where(_SETTINGS.organisation_id == organisation_id).scalar_subquery()


def order_at(organisation_id: UUID | None) -> str | None:
    return db.session.scalar(sa.select(order_of(organisation_id)))


def stops_at(address: str | None) -> list[Stop]:
    """All that stands between an address and its texts, the person's own word first."""
    if not address:
        return []
    columns = (OptOut.address, OptOut.kind, OptOut.since, OptOut.reason)
    query = sa.select(*columns).where(OptOut.address == address).order_by(OptOut.kind)
    return [Stop(*row) for row in db.session.execute(query)]


def number_for_answers(audience: str = "patient") -> str | None:
    """The number of ours that people text, if our texts come from a number at all."""
    sender = channels.own_number(audience)
    return sender if sender.startswith("+") else None


def told_about(visit_id: UUID, audience: str = "patient") -> list[Told]:
    """What went out about a visit, or was to, the first first."""
    rows = db.session.execute(
        sa.select(
            *(getattr(Message, name) for name in ("id", "channel", "address", "template")),
            *(getattr(Message, name) for name in ("status", "error_code", "created_at")),
        )
        .where(
            Message.about_id == visit_id, Message.direction == "out", Message.audience == audience
        )
        .order_by(Message.created_at, Message.id)
    )
    return [Told(*row) for row in rows]
