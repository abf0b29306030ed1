"""Addresses that want no texts, or cannot be reached by them."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, insert_new, must_be_writing, transactional
from clinic.messaging.channels import HEEDING
from clinic.messaging.models import EndedOptOut, Message, OptOut
from clinic.messaging.queueing.messages import note_skipped, ring, ring_counts
from clinic.messaging.statuses import Status
from clinic.messaging.words.catalogue import REFUSABLE

OPTED_OUT, UNREACHABLE = "opted_out", "unreachable"
BOTH = (OPTED_OUT, UNREACHABLE)
TRIED_AGAIN_AFTER = timedelta(days=30)  # a telephone may have been switched off


def heeds(
    channel: sa.SQLColumnExpression[str], template: sa.SQLColumnExpression[str]
) -> sa.ColumnElement[bool]:
    """Whether a message does not go to who refused: no text, and no letter about something else
    than a visit or an account."""
    return sa.or_(channel.in_(HEEDING), template.in_(sorted(REFUSABLE)))


def remember_refusal(address: str, kind: str, reason: str) -> bool:
    """No more texts to this address, or letters that may be refused, and none of those that wait.
    Returns whether it is news."""
    must_be_writing()
    noted = db.session.execute(
        insert_new(OptOut)
        .values(id=uuid4(), address=address, kind=kind, since=clock.now(), reason=reason)
        .returning(OptOut.id)
    ).all()
    waiting = db.session.execute(
        sa.update(Message)
        .where(
            Message.address == address,
            heeds(Message.channel, Message.template),
            Message.status == Status.QUEUED,
        )
        .values(status=Status.SKIPPED, error_code=kind, settled_at=clock.now())
        .returning(Message.id, Message.organisation_id)
    ).all()
    for row in waiting:
        note_skipped(row.id, row.organisation_id, kind)
    ring({row.organisation_id for row in waiting})
    return bool(noted)


@transactional
def end_refusal(
    address: str, kinds: Collection[str] = BOTH, *, how: str, by: UUID | None = None
) -> bool:
    """Texts may go there again; that they did not is kept. Returns whether anything stood."""
    gone = db.session.execute(
        sa.delete(OptOut)
        .where(OptOut.address == address, OptOut.kind.in_(kinds))
        .returning(OptOut.address, OptOut.kind, OptOut.since, OptOut.reason)
    ).all()
    _keep(gone, how, by)
    return bool(gone)


@transactional
def end_old() -> int:
    """What nothing reached a month ago is tried again. Returns how many there were."""
    gone = db.session.execute(
        sa.delete(OptOut)
        .where(OptOut.kind == UNREACHABLE, OptOut.since <= clock.now() - TRIED_AGAIN_AFTER)
        .returning(OptOut.address, OptOut.kind, OptOut.since, OptOut.reason)
    ).all()
    _keep(gone, "time", None)
    return len(gone)


def _keep(gone: Collection[sa.Row], how: str, by: UUID | None) -> None:
    moment = clock.now()
    db.session.add_all(
        EndedOptOut(**row._mapping, id=uuid4(), ended_at=moment, ended_by=by, how=how)
        for row in gone
    )
    db.session.flush()


@transactional
def put_before_desk(message_id: UUID) -> None:
    """There is no other way to say it: a person must."""
    organisation_id = db.session.scalar(
        sa.update(Message)
        .where(Message.id == message_id)
        .values(needs_attention=True)
        .returning(Message.organisation_id)
    )
    ring({organisation_id})
    ring_counts({organisation_id})
