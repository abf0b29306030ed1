"""Addresses that want no texts, or cannot be reached by them."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, insert_new, must_be_writing, transactional
from clinic.messaging.channels import HEEDING, LETTERS
from clinic.messaging.consents import service as consents
from clinic.messaging.consents.models import EndedOptOut, OptOut
from clinic.messaging.models import Message
from clinic.messaging.queueing.messages import note_skipped, ring, ring_counts
from clinic.messaging.queueing.queries import refusing
from clinic.messaging.queueing.reach import OPTED_IN, OPTED_OUT, UNREACHABLE
from clinic.messaging.senders import chosen
from clinic.messaging.statuses import Status
from clinic.messaging.words.catalogue import REFUSABLE

BOTH = (OPTED_OUT, UNREACHABLE)
_HOWS = {"stop_word": "text", "account": "account", "desk": "desk", "mail": "mail"}
TRIED_AGAIN_AFTER = timedelta(days=30)  # a telephone may have been switched off


def heeds(
    channel: sa.SQLColumnExpression[str], template: sa.SQLColumnExpression[str]
) -> sa.ColumnElement[bool]:
    """Whether a message does not go to who refused: no text, and no letter about something else
    than a visit or an account."""
    return sa.or_(channel.in_(HEEDING), template.in_(sorted(REFUSABLE)))


def remember_refusal(
    address: str,
    kind: str,
    reason: str,
    channels: Collection[str] | None = None,
    place: UUID | None = None,
    by: UUID | None = None,
) -> bool:
    """No more texts to this address by these channels (None: all that it takes), or letters that
    may be refused, and none of those that wait.

    `place` is the organisation whose texts they are; None: of all. `reason` is a provider's code,
    or what it was said by: `stop_word`, account, desk, mail. Returns whether it is news.
    """
    must_be_writing()
    channels = channels or (LETTERS if "@" in address else HEEDING)
    moment = clock.now()
    given = {"address": address, "kind": kind, "since": moment, "reason": reason}
    rows = [{"id": uuid4(), "organisation_id": place, "channel": one, **given} for one in channels]
    noted = db.session.execute(
        insert_new(OptOut).values(rows).returning(OptOut.channel)
    ).scalars().all()  # fmt: skip
    if kind == OPTED_OUT:
        for channel in channels:
            _end_exceptions(address, channel, place)
        for channel in noted if "@" not in address else ():  # of texts alone it is kept for ever
            how = _HOWS.get(reason, "provider")
            consents.take_back(address, channel, place, how, by)
    _skip_waiting(address, kind, channels, place)
    return bool(noted)


def _end_exceptions(address: str, channel: str, place: UUID | None) -> None:
    """What texts were allowed nevertheless: of that organisation, or of those that its sender
    serves, who are all without one of their own."""
    db.session.execute(
        sa.delete(OptOut).where(
            OptOut.address == address,
            OptOut.channel == channel,
            OptOut.kind == OPTED_IN,
            OptOut.organisation_id == place
            if place
            else OptOut.organisation_id.not_in(chosen.with_own(channel)),
        )
    )


def _skip_waiting(address: str, kind: str, channels: Collection[str], place: UUID | None) -> None:
    stops = refusing().exists()
    waiting = db.session.execute(
        sa.update(Message)
        .where(
            Message.address == address,
            heeds(Message.channel, Message.template),
            Message.channel.in_(channels),
            Message.status == Status.QUEUED,
            stops,
        )
        .values(status=Status.SKIPPED, error_code=kind, settled_at=clock.now())
        .returning(Message.id, Message.organisation_id)
    ).all()
    for row in waiting:
        note_skipped(row.id, row.organisation_id, kind)
    ring({row.organisation_id for row in waiting})


_GONE = (
    *(OptOut.address, OptOut.kind, OptOut.since, OptOut.reason),
    *(OptOut.organisation_id, OptOut.channel),
)


@transactional
def end_refusal(
    address: str,
    kinds: Collection[str] = BOTH,
    *,
    how: str,
    by: UUID | None = None,
    place: UUID | None = None,
) -> bool:
    """Messages of everybody, or of one organisation, may go there again; that they did not is kept.
    Returns whether anything stood."""
    of_them: sa.ColumnElement[bool] = sa.true()
    if place:
        of_them = sa.or_(OptOut.organisation_id == place, OptOut.organisation_id.is_(None))
    gone = db.session.execute(
        sa.delete(OptOut)
        .where(OptOut.address == address, OptOut.kind.in_((*kinds, *_beside(kinds))), of_them)
        .returning(*_GONE)
    ).all()
    return _keep(gone, how, by)


def _beside(kinds: Collection[str]) -> tuple[str, ...]:
    """With the stop of all goes what was allowed nevertheless."""
    return (OPTED_IN,) if OPTED_OUT in kinds else ()


@transactional
def end_by_word(address: str, channel: str, place: UUID | None) -> bool:
    """START came in, to the sender of one organisation or (None) to the one that all others share:
    theirs may go there again by that channel. Returns whether anything stood."""
    of_them = OptOut.organisation_id == place
    if place is None:
        own = chosen.with_own(channel)
        of_them = sa.or_(of_them, OptOut.organisation_id.not_in(own))
    here = (OptOut.address == address, OptOut.channel == channel)
    gone = db.session.execute(
        sa.delete(OptOut).where(*here, OptOut.kind == OPTED_OUT, of_them).returning(*_GONE)
    ).all()
    is_new = _keep(gone, "text", None)
    if place is None:
        db.session.execute(sa.delete(OptOut).where(*here, OptOut.kind == OPTED_IN))
        return is_new
    return _allow_nevertheless(address, channel, place) or is_new


def _allow_nevertheless(address: str, channel: str, place: UUID) -> bool:
    """Beside a stop of all, if there is one: returns whether it is news."""
    of_all = sa.exists().where(
        OptOut.address == address,
        OptOut.channel == channel,
        OptOut.kind == OPTED_OUT,
        OptOut.organisation_id.is_(None),
    )
    if not db.session.scalar(sa.select(of_all)):
        return False
    new = {"id": uuid4(), "address": address, "channel": channel, "kind": OPTED_IN}
    noted = db.session.execute(
        insert_new(OptOut)
        .values(**new, organisation_id=place, since=clock.now(), reason="start_word")
        .returning(OptOut.id)
    ).all()
    if noted:
        consents.give_again(address, channel, place, "text", None)
    return bool(noted)


@transactional
def end_old() -> int:
    """What nothing reached a month ago is tried again. Returns how many there were."""
    gone = db.session.execute(
        sa.delete(OptOut)
        .where(OptOut.kind == UNREACHABLE, OptOut.since <= clock.now() - TRIED_AGAIN_AFTER)
        .returning(*_GONE)
    ).all()
    _keep(gone, "time", None)
    return len({row.address for row in gone})


def _keep(rows: Collection[sa.Row], how: str, by: UUID | None) -> bool:
    """Returns whether there was anything. Who refused and no longer does has agreed again."""
    moment = clock.now()
    gone = [row for row in rows if row.kind != OPTED_IN]
    db.session.add_all(
        EndedOptOut(**row._mapping, id=uuid4(), ended_at=moment, ended_by=by, how=how)
        for row in gone
    )
    db.session.flush()
    for row in gone:
        if row.kind == OPTED_OUT and "@" not in row.address:
            consents.give_again(row.address, row.channel, row.organisation_id, how, by)
    return bool(gone)


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
