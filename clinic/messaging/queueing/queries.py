"""What may be promised: which ways are open, who is stopped, and what was really queued."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.messaging import channels
from clinic.messaging.models import Message, OptOut


@dataclass(frozen=True, slots=True)
class Stop:
    """Why no texts go to an address: `opted_out` or `unreachable`."""

    address: str
    kind: str
    since: datetime


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


def ways(audience: str = "patient") -> tuple[str, ...]:
    """The channels by which something would leave now, in the order in which they are tried."""
    return channels.that_can_send(audience)


def stop_of(address: str | None) -> Stop | None:
    """The person's own word before what was found out about the number."""
    return stops_of([address]).get(address) if address else None


def stops_of(addresses: Collection[str | None]) -> dict[str, Stop]:
    wanted = {one for one in addresses if one}
    if not wanted:
        return {}
    query = sa.select(OptOut.address, OptOut.kind, OptOut.since).where(
        among(OptOut.address, wanted)
    )
    rows = db.session.execute(query.order_by(OptOut.kind.desc()))
    return {row.address: Stop(row.address, row.kind, row.since) for row in rows}


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
