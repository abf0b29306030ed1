"""The ledger for people: the list, one message's story, counts, and who may watch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock, saying
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.messaging.models import Attempt, Callback, Message
from clinic.messaging.statuses import Status
from clinic.messaging.words import rendering

Happened = tuple[datetime, str, str, str]  # when, what, status, note
AT_DESK = ("staff", "admin")
TITLES = {
    "visit_booked": "Booking confirmed",
    "visit_requested": "Request received",
    "visit_reminder": "Reminder",
    "visit_rescheduled": "Visit moved",
    "visit_cancelled": "Visit cancelled",
    "visit_not_accepted": "Request not accepted",
    "visit_missed": "We missed you",
    "doctor_cancelled": "To the doctor: cancelled",
    "doctor_missed": "To the doctor: no-show",
    "doctor_rescheduled": "To the doctor: moved",
    "invitation": "Invitation to a colleague",
    "inbound": "Answer",
}
ERRORS = {
    "no_address": "there is no number or address",
    "stale": "the visit had begun",
    "opted_out": "the person wants no texts",
    "unreachable": "the number cannot be reached",
    "not_configured": "no provider is set up",
    "no_answer": "the worker stopped in the middle of the call",
    "refused": "the provider did not answer",
    "21610": "the person wants no texts",
    "30003": "the telephone cannot be reached",
    "30005": "nobody has this number",
    "30006": "this number takes no texts",
}

OUTCOMES = {  # of an attempt: the words, and the status whose colour they have
    "sent": ("The provider took it", "sent"),
    "delivered": ("Delivered", "delivered"),
    "retry": ("Not taken, will be tried again", "queued"),
    "uncertain": ("No clear answer: it may have been taken", "uncertain"),
    "failed": ("Refused", "failed"),
    "opted_out": ("Refused", "failed"),
    "unreachable": ("Refused", "failed"),
    "skipped": ("Not sent", "skipped"),
}
REPORTS = {
    **dict.fromkeys(("delivered", "read"), "delivered"),
    **dict.fromkeys(("failed", "undelivered"), "failed"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    status: str = ""
    channel: str = ""
    address: str = ""
    since: date | None = None
    attention: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the list."""

    id: UUID
    about_id: UUID | None
    direction: str
    audience: str
    channel: str
    address: str
    title: str
    due: str
    due_at: datetime
    tries: int
    status: str
    reason: str
    needs_attention: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a message."""

    moment: datetime
    at: str
    what: str
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class Story:
    line: Line
    body: str
    subject: str
    sender: str
    provider_id: str
    answer: str
    created: str
    created_at: datetime
    steps: list[Step] = field(default_factory=list)
    can_resend: bool = False


def messages(organisation_id: UUID, asked: Filter, zone: ZoneInfo, paging: Paging) -> Page[Line]:
    """Newest first. Raises BadCursor."""
    query = sa.select(Message).where(Message.organisation_id == organisation_id)
    if asked.status:
        query = query.where(Message.status == asked.status)
    if asked.channel:
        query = query.where(Message.channel == asked.channel)
    if asked.address:
        # A number is kept as +44770..., and typed as 0770...
        wanted = asked.address.replace(" ", "").removeprefix("0").lower()
        query = query.where(Message.address.contains(wanted, autoescape=True))
    if asked.since:
        query = query.where(Message.created_at >= clock.day_bounds(asked.since, zone)[0])
    if asked.attention:
        query = query.where(Message.needs_attention)
    found = page_of(query, Message.created_at, Message.id, paging, descending=True)
    return found.of(lambda rows: [_line(row.Message, zone) for row in rows])


def _line(row: Message, zone: ZoneInfo) -> Line:
    return Line(
        id=row.id,
        about_id=row.about_id,
        direction=row.direction,
        audience=row.audience,
        channel=row.channel,
        address=row.address,
        title=TITLES.get(row.template, row.template),
        due=_moment(row.due_at, zone),
        due_at=row.due_at,
        tries=row.attempts,
        status=row.status,
        reason=_reason(row.error_code),
        needs_attention=row.needs_attention,
    )


def _reason(code: str | None) -> str:
    return ERRORS.get(code, f"error {code}") if code else ""


def _moment(moment: datetime, zone: ZoneInfo, seconds: bool = False) -> str:
    local = moment.astimezone(zone)
    wall = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{saying.day(local.date(), clock.today(zone).year)}, {wall}"


def story(organisation_id: UUID, message_id: UUID, zone: ZoneInfo) -> Story:
    """Everything that happened to one message. Raises NotFound for another organisation's."""
    row = db.session.get(Message, message_id)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound
    return Story(
        line=_line(row, zone),
        body=rendering.with_dots(row.body),
        subject=row.subject or "",
        sender=row.sender or "",
        provider_id=row.provider_id or "",
        answer=rendering.with_dots(row.answer or ""),
        created=_moment(row.created_at, zone, seconds=True),
        created_at=row.created_at,
        steps=_steps(row, zone),
        can_resend=row.direction == "out" and row.status not in (Status.QUEUED, Status.SENDING),
    )


def _steps(row: Message, zone: ZoneInfo) -> list[Step]:
    found = [*_first_and_last(row), *_attempts(row), *_reports(row)]
    found.sort(key=lambda happened: happened[0])
    return [
        Step(moment, _moment(moment, zone, seconds=True), what, status, note)
        for moment, what, status, note in found
    ]


def _first_and_last(row: Message) -> Iterator[Happened]:
    if row.direction == "in":
        yield row.created_at, "Received", "received", ""
        return
    yield row.created_at, "Queued", "queued", ""
    if row.settled_at and row.status in (Status.SKIPPED, Status.CANCELLED):
        yield row.settled_at, row.status.capitalize(), row.status, _reason(row.error_code)


def _attempts(row: Message) -> Iterator[Happened]:
    for tried in db.session.scalars(sa.select(Attempt).where(Attempt.message_id == row.id)):
        yield tried.started_at, f"Attempt {tried.number}", "sending", ""
        if tried.ended_at and tried.outcome:
            what, status = OUTCOMES[tried.outcome]
            yield tried.ended_at, what, status, _reason(tried.error_code)
        elif row.status == Status.UNCERTAIN and tried.number == row.attempts:
            lost_at = row.lease_until or tried.started_at
            yield lost_at, *OUTCOMES["uncertain"], _reason(row.error_code)


def _reports(row: Message) -> Iterator[Happened]:
    for call in db.session.scalars(sa.select(Callback).where(Callback.message_id == row.id)):
        what = f"Reported: {call.provider_status}"
        status = REPORTS.get(call.provider_status, "info")
        yield call.received_at, what, status, _reason(call.error_code)


def attention_count(organisation_id: UUID) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                Message.organisation_id == organisation_id, Message.needs_attention
            )
        )
        or 0
    )


def may_watch_organisation(actor: Actor, key: str) -> bool:
    return actor.role in AT_DESK and str(actor.organisation_id) == key
