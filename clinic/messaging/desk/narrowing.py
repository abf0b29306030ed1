"""Which messages of the ledger are asked for."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.messaging.models import Message


@dataclass(frozen=True, slots=True)
class Filter:
    """All narrow; `since` is included, `until` is not. Empty asks for any."""

    statuses: Collection[str] = ()
    channels: Collection[str] = ()
    kinds: Collection[str] = ()  # names of templates; `inbound` is what came in
    direction: str = ""
    address: str = ""  # a part of a number or an address, or else:
    addresses: Collection[str] = ()  # those of the people who are called so,
    patients: Collection[UUID] = ()  # and who they are
    about_id: UUID | None = None  # the visit
    since: datetime | None = None
    until: datetime | None = None
    attention: bool | None = None


def conditions(asked: Filter) -> Iterator[sa.ColumnElement[bool]]:
    for column, wanted in (
        (Message.status, asked.statuses),
        (Message.channel, asked.channels),
        (Message.template, asked.kinds),
        (Message.direction, (asked.direction,) if asked.direction else ()),
    ):
        if wanted:
            yield column.in_(sorted(wanted))
    if asked.address:
        yield sa.or_(*_of_whom(asked))
    if asked.about_id:
        yield Message.about_id == asked.about_id
    if asked.attention is not None:
        looked_at = sa.and_(Message.needs_attention)
        yield looked_at if asked.attention else sa.not_(looked_at)
    if asked.since:
        yield Message.created_at >= asked.since
    if asked.until:
        yield Message.created_at < asked.until


def _of_whom(asked: Filter) -> Iterator[sa.ColumnElement[bool]]:
    # A number is kept as +44770..., and typed as 0770...
    part = asked.address.replace(" ", "").removeprefix("0").lower()
    yield Message.address.contains(part, autoescape=True)
    if asked.addresses:
        yield Message.address.in_(sorted(asked.addresses))
    if asked.patients:
        visits = sa.select(Appointment.id).where(Appointment.patient_id.in_(list(asked.patients)))
        yield sa.and_(Message.audience == "patient", Message.about_id.in_(visits))
