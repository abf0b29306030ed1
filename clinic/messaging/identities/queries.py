"""The senders of an organisation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import Visible, same_organisation
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.messaging.identities import proof
from clinic.messaging.models import SenderIdentity
from clinic.messaging.senders.kinds import KINDS

VISIBLE = Visible("sender", {Role.ADMIN: same_organisation(SenderIdentity.organisation_id)})


@dataclass(frozen=True, slots=True)
class Sender:
    """`waits_for_code`: one was sent that can still be entered."""

    id: UUID
    channel: str
    kind: str
    value: str
    display_name: str
    can_reply: bool
    rate: float
    countries: list[str]
    opt_outs_by: str
    verified: bool
    verified_at: datetime | None
    is_default: bool
    is_looked_up: bool
    waits_for_code: bool


def senders(actor: Actor, paging: Paging) -> Page[Sender]:
    """Those in use or on the way to it, the first first."""
    query = sa.select(SenderIdentity).where(VISIBLE.to(actor), SenderIdentity.is_active)
    found = page_of(query, SenderIdentity.created_at, SenderIdentity.id, paging)
    return found.of(lambda rows: [_shown(row[0]) for row in rows])


def sender(sender_id: UUID, actor: Actor) -> Sender:
    """Raises NotFound."""
    return _shown(row_of(sender_id, actor))


def row_of(sender_id: UUID, actor: Actor, lock: bool = False) -> SenderIdentity:
    """Raises NotFound."""
    query = sa.select(SenderIdentity).where(
        SenderIdentity.id == sender_id, VISIBLE.to(actor), SenderIdentity.is_active
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.scalar(query)
    if row is None:
        raise NotFound
    return row


def _shown(row: SenderIdentity) -> Sender:
    sent_at = row.code_sent_at
    names = ("id", "channel", "kind", "value", "display_name", "can_reply", "rate", "countries")
    return Sender(
        **{name: getattr(row, name) for name in (*names, "opt_outs_by", "verified_at")},
        verified=row.verified_at is not None,
        is_default=row.is_default,
        is_looked_up=KINDS[row.kind].is_looked_up,
        waits_for_code=bool(sent_at and sent_at + proof.GOOD_FOR > clock.now()),
    )
