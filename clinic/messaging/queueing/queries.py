"""What may be promised: which ways are open, who is stopped, and what was really queued."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.core.data.db import db
from clinic.messaging import channels
from clinic.messaging.consents.models import OptOut
from clinic.messaging.models import Message
from clinic.messaging.queueing.reach import OPTED_IN, OPTED_OUT, UNREACHABLE
from clinic.messaging.senders import chosen
from clinic.organisations.models import OrganisationSettings

_TABLE = OptOut.metadata.tables[OptOut.__tablename__]
_STOPS = _TABLE.c
_MESSAGES = Message.metadata.tables[Message.__tablename__]


@dataclass(frozen=True, slots=True)
class Stop:
    """Why no texts go to an address: `opted_out` or `unreachable`."""

    address: str
    kind: str
    since: datetime
    reason: str  # a provider's code, `stop_word`, or how somebody else said so
    channels: tuple[str, ...] = channels.HEEDING  # by which nothing goes there
    is_of_all: bool = True  # not of one organisation alone


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


def stop_of(
    address: sa.SQLColumnExpression[Any], organisation_id: Any
) -> sa.ScalarSelect[str | None]:
    """What stands between that organisation (None: none of them) and the address of a statement's
    row, for `Reach`; NULL where nothing does."""
    return _said_of(address, _is_of(organisation_id))


def any_stop_of(address: sa.SQLColumnExpression[Any]) -> sa.ScalarSelect[str | None]:
    """The same of whichever organisation."""
    return _said_of(address, _STOPS.kind != OPTED_IN)


def _said_of(
    address: sa.SQLColumnExpression[Any], which: sa.ColumnElement[bool]
) -> sa.ScalarSelect[str | None]:
    said = sa.func.aggregate_strings(_STOPS.channel + ":" + _STOPS.kind, ",")
    return sa.select(said).where(_STOPS.address == address, which).scalar_subquery()


def _is_of(organisation_id: Any) -> sa.ColumnElement[bool]:
    of_all = _STOPS.organisation_id.is_(None)
    if organisation_id is None:
        return of_all
    return sa.or_(of_all, _STOPS.organisation_id == organisation_id)


def refusing() -> sa.Select[Any]:
    """The kinds of what stops a message, for a statement about messages: beside each of its rows.

    By the index of addresses; whether one organisation may after all is only asked beside a stop
    of all.
    """
    may = _TABLE.alias("may")
    still = (
        sa.select(may.c.id)
        .where(
            may.c.address == _STOPS.address,
            may.c.channel == _STOPS.channel,
            may.c.kind == OPTED_IN,
            may.c.organisation_id == _MESSAGES.c.organisation_id,
        )
        .correlate(_TABLE, _MESSAGES)
        .exists()
    )
    of_all = sa.and_(_STOPS.organisation_id.is_(None), sa.or_(_STOPS.kind == UNREACHABLE, ~still))
    return (
        sa.select(_STOPS.kind)
        .where(
            _STOPS.address == _MESSAGES.c.address,
            _STOPS.channel == _MESSAGES.c.channel,
            _STOPS.kind != OPTED_IN,
            sa.or_(of_all, _STOPS.organisation_id == _MESSAGES.c.organisation_id),
        )
        .correlate(_MESSAGES)
    )


_SETTINGS = aliased(OrganisationSettings)


def order_of(organisation_id: Any) -> sa.ScalarSelect[str]:
    """In which order channels are tried, by the organisation of a statement's row."""
    settings = sa.select(_SETTINGS.channel_order)
    return settings.where(_SETTINGS.organisation_id == organisation_id).scalar_subquery()


def order_at(organisation_id: UUID | None) -> str | None:
    return db.session.scalar(sa.select(order_of(organisation_id)))


def stops_at(address: str | None, organisation_id: UUID | None = None) -> list[Stop]:
    """All that stands between an organisation (None: whichever) and an address, the person's own
    word first."""
    if not address:
        return []
    which = _is_of(organisation_id) if organisation_id else sa.true()
    rows = db.session.execute(sa.select(OptOut).where(OptOut.address == address, which)).scalars()
    found: dict[tuple[Any, ...], list[str]] = {}
    all_rows = rows.all()
    may = {one.channel for one in all_rows if one.kind == OPTED_IN and organisation_id}
    for one in all_rows:
        if one.kind == OPTED_IN or (one.kind == OPTED_OUT and one.channel in may):
            continue
        key = (one.kind, one.since, one.reason, one.organisation_id is None)
        found.setdefault(key, []).append(one.channel)
    return [
        Stop(address, kind, since, reason, _in_order(names), is_of_all)
        for (kind, since, reason, is_of_all), names in sorted(found.items())
    ]


def as_said(stops: list[Stop]) -> str:
    """As `stop_of` says it."""
    return ",".join(f"{channel}:{stop.kind}" for stop in stops for channel in stop.channels)


def _in_order(names: list[str]) -> tuple[str, ...]:
    return tuple(name for name in channels.CHANNELS if name in names)


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
