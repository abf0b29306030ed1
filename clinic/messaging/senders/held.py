"""A fault of ours holds what it touches, until a probe succeeds; what waits there is not harmed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core import clock, running
from clinic.core.data.db import db, insert_new, must_be_writing, transactional
from clinic.events.service import record
from clinic.messaging import answers
from clinic.messaging.answers import Holds
from clinic.messaging.channels import AUDIENCES, CHANNELS
from clinic.messaging.facts import SenderFreed, SenderHeld
from clinic.messaging.models import HeldSender, Message
from clinic.messaging.senders import chosen
from clinic.messaging.statuses import Status

_WAITS_MIN = (1, 2, 4, 8, 15)


@dataclass(frozen=True, slots=True)
class Met:
    """A message that met a fault of ours. `by_report`: the provider took it first."""

    message_id: UUID
    channel: str
    sender: str
    error_code: str
    by_report: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is held now, and how many messages wait for it."""

    sender: str
    error_code: str
    since: datetime
    waiting: int


def key_of(channel: str, sender: str, error_code: str | None) -> str | None:
    """What an answer holds; None if it holds nothing."""
    scope = answers.holds(error_code)
    if scope is None:
        return None
    return CHANNELS[channel].account if scope is Holds.ACCOUNT else f"{channel}:{sender}"


def hold(met: Met) -> bool:
    """Whether the message waits now with all that goes the same way.

    Not so where others went since, and this very one meets the same again: the fault is its own,
    and for ever to hold the others for it would be none of ours.
    """
    must_be_writing()
    key = key_of(met.channel, met.sender, met.error_code)
    if key is None:
        return False
    moment = clock.now()
    fresh = {
        "error_code": met.error_code,
        "since": moment,
        "message_id": met.message_id,
        "by_report": met.by_report and answers.holds(met.error_code) is Holds.SENDER,
        "tries": 0,
        "next_try_at": moment + timedelta(minutes=_WAITS_MIN[0]),
        "freed_at": None,
    }
    new = insert_new(HeldSender).values(sender=key, **fresh).returning(HeldSender.sender)
    if db.session.execute(new).first() is None:
        row = db.session.scalars(
            sa.select(HeldSender)
            .where(HeldSender.sender == key)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        if row.freed_at is None:
            return True
        if row.message_id == met.message_id and answers.holds(met.error_code) is Holds.SENDER:
            return False
        _set(row, fresh)
    record(SenderHeld(organisation_id=None, sender=key, error_code=met.error_code), THE_SYSTEM)
    return True


def _set(row: HeldSender, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    db.session.flush()


@transactional
def due() -> list[HeldSender]:
    """What is to be tried now; nobody else tries it until its next turn."""
    moment = clock.now()
    query = (
        sa.select(HeldSender)
        .where(HeldSender.freed_at.is_(None), HeldSender.next_try_at <= moment)
        .with_for_update(skip_locked=True)
    )
    rows = list(db.session.scalars(query))
    for row in rows:
        row.tries += 1
        wait = _WAITS_MIN[min(row.tries, len(_WAITS_MIN) - 1)]
        row.next_try_at = moment + timedelta(minutes=wait)
    db.session.flush()
    return rows


@transactional
def free(sender: str, since: datetime) -> bool:
    """It is mended; False if it was before, or is held anew."""
    freed = db.session.scalar(
        sa.update(HeldSender)
        .where(
            HeldSender.sender == sender, HeldSender.freed_at.is_(None), HeldSender.since == since
        )
        .values(freed_at=clock.now())
        .returning(HeldSender.error_code)
    )
    if freed is None:
        return False
    record(SenderFreed(organisation_id=None, sender=sender, error_code=freed), THE_SYSTEM)
    return True


def free_by_report(channel: str, sender: str, sent_at: datetime | None) -> bool:
    """The network took a message that went after the fault was met."""
    found = db.session.get(HeldSender, f"{channel}:{sender}")
    if found is None or found.freed_at or not found.by_report:
        return False
    if sent_at is None or sent_at <= found.since:
        return False
    return free(found.sender, found.since)


SOMETHING = sa.exists().where(HeldSender.freed_at.is_(None), HeldSender.by_report).label("held")


@transactional
def kinds() -> frozenset[str]:
    """The kinds of messages that wait: `sms:patient`."""
    query = sa.select(HeldSender.sender).where(HeldSender.freed_at.is_(None))
    keys = set(db.session.scalars(query))
    return frozenset(kinds_of(keys)) if keys else frozenset()


def kinds_of(keys: Collection[str]) -> Iterator[str]:
    settings = running.settings()
    for name, one in CHANNELS.items():
        if not one.is_set_up(settings):
            continue
        for audience in AUDIENCES:
            ours = {one.account, f"{name}:{one.sender(settings, audience)}"}
            if ours & set(keys):
                yield f"{name}:{audience}"
    for kind, (name, sender) in chosen.own_kinds().items():
        if {CHANNELS[name].account, f"{name}:{sender}"} & set(keys):
            yield kind


def standing() -> list[Standing]:
    """For operators, the longest held first. What nothing is sent from any more is none of it."""
    rows = db.session.scalars(
        sa.select(HeldSender).where(HeldSender.freed_at.is_(None)).order_by(HeldSender.since)
    ).all()
    found = [(row, list(kinds_of([row.sender]))) for row in rows]
    return [
        Standing(row.sender, row.error_code, row.since, _waiting(of)) for row, of in found if of
    ]


def _waiting(of: list[str]) -> int:
    query = sa.select(sa.func.count()).where(
        Message.status == Status.QUEUED, Message.due_at <= clock.now(), _is_of(of)
    )
    return db.session.scalar(query) or 0


def _is_of(kinds: Collection[str]) -> sa.ColumnElement[bool]:
    own = Message.channel + ":" + sa.cast(Message.organisation_id, sa.String)
    plain = Message.channel + ":" + Message.audience
    has_own = own.in_(list(chosen.own_kinds()))
    return sa.case((has_own, own), else_=plain).in_(list(kinds))


@transactional
def skip_stale(of: Collection[str]) -> int:
    """What would come too late by now is not left to wait. Returns how many there were."""
    moment = clock.now()
    gone = db.session.execute(
        sa.update(Message)
        .where(
            Message.status == Status.QUEUED,
            Message.expires_at <= moment,
            Message.due_at <= moment,
            _is_of(of),
        )
        .values(status=Status.SKIPPED, error_code="stale", settled_at=moment)
    )
    return gone.rowcount  # type: ignore[attr-defined]
