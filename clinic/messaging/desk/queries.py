"""The ledger for people: the list, one message's story, counts, and who may watch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import Visible, same_organisation
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.core.web.live import Topic
from clinic.messaging.desk.narrowing import Filter, conditions
from clinic.messaging.inbound.often import AN_HOUR
from clinic.messaging.models import Attempt, Callback, Message
from clinic.messaging.statuses import OutcomeKind, Status
from clinic.messaging.words import rendering
from clinic.organisations.models import Organisation

VISIBLE = Visible(
    "message",
    {
        Role.STAFF: same_organisation(Message.organisation_id),
        Role.ADMIN: same_organisation(Message.organisation_id),
    },
)
LEDGERS = Visible(
    "messages of an organisation, as they come and go",
    {
        Role.STAFF: same_organisation(Organisation.id),
        Role.ADMIN: same_organisation(Organisation.id),
    },
)
MOST_LATER = 20
NOT_ARRIVED = frozenset({Status.FAILED, Status.SKIPPED, Status.UNCERTAIN})
AGAIN = "resend"  # begins the dedupe_key of what was sent again, before the id of the first
OF_ORGANISATION = Topic(Organisation.id, LEDGERS, "messages")


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the list."""

    id: UUID
    about_id: UUID | None
    direction: str
    audience: str
    channel: str
    address: str
    template: str
    due_at: datetime
    tries: int
    status: str
    error_code: str | None
    needs_attention: bool
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None

    @property
    def can_resend(self) -> bool:
        return self.direction == "out" and self.status not in (Status.QUEUED, Status.SENDING)

    @property
    def can_cancel(self) -> bool:
        return self.direction == "out" and self.status == Status.QUEUED


class What(StrEnum):
    RECEIVED = "received"
    QUEUED = "queued"
    ATTEMPT = "attempt"
    OUTCOME = "outcome"
    REPORT = "report"
    ENDED = "ended"  # without any attempt, or after the last one
    AGAIN = "again"  # it was sent again, as another message


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a message."""

    moment: datetime
    what: What
    detail: str = ""  # the attempt's number, its outcome, what the provider reported, the end
    error_code: str | None = None
    message_id: UUID | None = None  # the other one, where it was sent again


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote, and when."""

    body: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Story:
    line: Line
    body: str
    subject: str
    sender: str
    provider_id: str
    answer: str
    tries: list[Attempt] = field(default_factory=list)
    reports: list[Callback] = field(default_factory=list)
    steps: list[Happening] = field(default_factory=list)
    later: list[Text] = field(default_factory=list)  # of the same number, soon after
    is_shared: bool = False  # each organisation of its sender has a copy
    again_of: UUID | None = None  # the message that it says again


def messages(actor: Actor, asked: Filter, paging: Paging) -> Page[Line]:
    """Newest first. Raises BadCursor."""
    query = sa.select(Message).where(VISIBLE.to(actor), *conditions(asked))
    found = page_of(query, Message.created_at, Message.id, paging, descending=True)
    return found.of(lambda rows: [_line(row.Message) for row in rows])


def _line(row: Message) -> Line:
    return Line(
        id=row.id,
        about_id=row.about_id,
        direction=row.direction,
        audience=row.audience,
        channel=row.channel,
        address=row.address,
        template=row.template,
        due_at=row.due_at,
        tries=row.attempts,
        status=row.status,
        error_code=row.error_code,
        needs_attention=row.needs_attention,
        created_at=row.created_at,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
    )


def story(actor: Actor, message_id: UUID) -> Story:
    """Everything that happened to one message. Raises NotFound for another organisation's."""
    row = db.session.scalar(sa.select(Message).where(Message.id == message_id, VISIBLE.to(actor)))
    if row is None:
        raise NotFound
    tries, reports = _tries(row), _reports(row)
    return Story(
        line=_line(row),
        body=rendering.with_dots(row.body),
        subject=row.subject or "",
        sender=row.sender or "",
        provider_id=row.provider_id or "",
        answer=rendering.with_dots(row.answer or ""),
        tries=tries,
        reports=reports,
        steps=_steps(row, tries, reports, _said_again(actor, row)),
        later=_later(actor, row) if row.direction == "in" else [],
        is_shared=row.direction == "in" and row.dedupe_key is not None,
        again_of=_first_of(row),
    )


def _later(actor: Actor, first: Message) -> list[Text]:
    """Of several texts within an hour the first alone stands before the desk: with it, the others
    are read."""
    query = sa.select(Message.body, Message.created_at).where(
        VISIBLE.to(actor),
        Message.direction == "in",
        Message.address == first.address,
        Message.created_at > first.created_at,
        Message.created_at <= first.created_at + AN_HOUR,
    )
    rows = db.session.execute(query.order_by(Message.created_at).limit(MOST_LATER))
    return [Text(row.body, row.created_at) for row in rows]


def _tries(row: Message) -> list[Attempt]:
    query = sa.select(Attempt).where(Attempt.message_id == row.id).order_by(Attempt.number)
    return list(db.session.scalars(query))


def _reports(row: Message) -> list[Callback]:
    query = sa.select(Callback).where(Callback.message_id == row.id)
    return list(db.session.scalars(query.order_by(Callback.received_at, Callback.id)))


def _first_of(row: Message) -> UUID | None:
    kind, _, rest = (row.dedupe_key or "").partition(":")
    return UUID(rest.partition(":")[0]) if kind == AGAIN else None


def _said_again(actor: Actor, row: Message) -> list[Happening]:
    """As which messages it was sent again. They are about the same, or go to the same address."""
    same = Message.about_id == row.about_id if row.about_id else Message.address == row.address
    key = f"{AGAIN}:{row.id}:"
    query = sa.select(Message.id, Message.created_at, Message.channel).where(
        VISIBLE.to(actor), same, Message.dedupe_key.startswith(key, autoescape=True)
    )
    rows = db.session.execute(query.order_by(Message.created_at).limit(MOST_LATER))
    return [Happening(one.created_at, What.AGAIN, one.channel, message_id=one.id) for one in rows]


def _steps(
    row: Message, tries: list[Attempt], reports: list[Callback], again: list[Happening]
) -> list[Happening]:
    reported = (
        Happening(one.received_at, What.REPORT, one.provider_status, one.error_code)
        for one in reports
    )
    found = [*_first_and_last(row), *_attempted(row, tries), *reported, *again]
    return sorted(found, key=lambda step: step.moment)


def _first_and_last(row: Message) -> Iterator[Happening]:
    if row.direction == "in":
        yield Happening(row.created_at, What.RECEIVED)
        return
    yield Happening(row.created_at, What.QUEUED, message_id=_first_of(row))
    if row.settled_at and row.status in (Status.SKIPPED, Status.CANCELLED):
        yield Happening(row.settled_at, What.ENDED, row.status, row.error_code)


def _attempted(row: Message, tries: list[Attempt]) -> Iterator[Happening]:
    for tried in tries:
        yield Happening(tried.started_at, What.ATTEMPT, str(tried.number))
        if tried.ended_at and tried.outcome:
            yield Happening(tried.ended_at, What.OUTCOME, tried.outcome, tried.error_code)
        elif row.status == Status.UNCERTAIN and tried.number == row.attempts:
            lost_at = row.lease_until or tried.started_at
            yield Happening(lost_at, What.OUTCOME, OutcomeKind.UNCERTAIN, row.error_code)


def needing_look(actor: Actor) -> int:
    """How many messages wait for a person at the desk: failed ones, and texts that came in."""
    return db.session.scalar(count_needing_look(actor)) or 0


def count_needing_look(actor: Actor) -> sa.Select[Any]:
    """The same, to be asked along with other questions."""
    return sa.select(sa.func.count()).where(VISIBLE.to(actor), Message.needs_attention)
