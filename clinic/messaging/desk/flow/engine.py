"""What moves an organisation's messages now, and what keeps them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.work import heartbeat
from clinic.messaging.channels import AUDIENCES, CHANNELS
from clinic.messaging.desk.queries import VISIBLE
from clinic.messaging.models import Message
from clinic.messaging.senders import chosen, held
from clinic.messaging.senders.held import Standing
from clinic.messaging.statuses import Status


@dataclass(frozen=True, slots=True)
class Engine:
    """Of the actor's organisation; `held` are the senders that it uses and a fault keeps."""

    waiting: int  # due, and not yet begun
    oldest: datetime | None  # since when the first of them is due
    in_flight: int
    works: bool  # somebody is there who sends
    held: tuple[Standing, ...]


def engine(actor: Actor) -> Engine:
    due = sa.and_(Message.status == Status.QUEUED, Message.due_at <= clock.now())
    sending = sa.func.count(sa.case((Message.status == Status.SENDING, 1)))
    row = db.session.execute(
        sa.select(
            sa.func.count(sa.case((due, 1))).label("waiting"),
            sa.func.min(sa.case((due, Message.due_at))).label("oldest"),
            sending.label("in_flight"),
        ).where(VISIBLE.to(actor), Message.status.in_((Status.QUEUED, Status.SENDING)))
    ).one()
    workers = heartbeat.signs()[heartbeat.WORKER]
    works = heartbeat.somebody_works(workers) or not heartbeat.are_expected(workers)
    return Engine(row.waiting, row.oldest, row.in_flight, works, tuple(_held(actor)))


def _held(actor: Actor) -> Iterator[Standing]:
    """An account keeps all that goes by it, another organisation's sender nothing of ours."""
    ours = {one.account for one in CHANNELS.values()}
    for name in CHANNELS:
        for audience in AUDIENCES:
            ours.add(f"{name}:{chosen.sender_of(actor.organisation_id, name, audience)}")
    yield from (one for one in held.standing() if one.sender in ours)
