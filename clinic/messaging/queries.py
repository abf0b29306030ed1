"""The ledger for people: the list, one message's story, counts, and who may watch."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app

from clinic.core import clock
from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.security import Actor
from clinic.messaging import rendering
from clinic.messaging.models import Attempt, Callback, Message
from clinic.messaging.statuses import Status

PAGE = 25
AT_DESK = ("staff", "admin")
TITLES = {
    "visit_booked": "Booking confirmed",
    "visit_requested": "Request received",
    "visit_reminder": "Reminder",
    "visit_cancelled": "Visit cancelled",
    "visit_not_accepted": "Request not accepted",
    "visit_missed": "We missed you",
    "doctor_cancelled": "To the doctor: cancelled",
    "doctor_missed": "To the doctor: no-show",
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
    channel: str
    address: str
    title: str
    due: str
    tries: int
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a message."""

    at: str
    what: str
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    line: Line
    body: str
    subject: str
    sender: str
    provider_id: str
    answer: str
    created: str
    steps: list[Step] = field(default_factory=list)
    can_resend: bool = False


def messages(
    organisation_id: UUID, asked: Filter, zone: ZoneInfo, before: datetime | None = None
) -> list[Line]:
    """Newest first, up to a page and one more (which tells that there are more)."""
    query = sa.select(Message).where(Message.organisation_id == organisation_id)
    if asked.status:
        query = query.where(Message.status == asked.status)
    if asked.channel:
        query = query.where(Message.channel == asked.channel)
    if asked.address:
        wanted = asked.address.replace(" ", "")
        query = query.where(Message.address.contains(wanted, autoescape=True))
    if asked.since:
        query = query.where(Message.created_at >= clock.day_bounds(asked.since, zone)[0])
    if asked.attention:
        query = query.where(Message.needs_attention)
    if before:
        query = query.where(Message.created_at < before)
    rows = db.session.scalars(query.order_by(Message.created_at.desc()).limit(PAGE + 1))
    return [_line(row, zone) for row in rows]


def created_at(message_id: UUID) -> datetime | None:
    return db.session.scalar(sa.select(Message.created_at).where(Message.id == message_id))


def _line(row: Message, zone: ZoneInfo) -> Line:
    return Line(
        id=row.id,
        about_id=row.about_id,
        direction=row.direction,
        channel=row.channel,
        address=row.address,
        title=TITLES.get(row.template, row.template),
        due=_moment(row.due_at, zone),
        tries=row.attempts,
        status=row.status,
        reason=_reason(row.error_code),
    )


def _reason(code: str | None) -> str:
    return ERRORS.get(code, f"error {code}") if code else ""


def _moment(moment: datetime, zone: ZoneInfo, seconds: bool = False) -> str:
    local = moment.astimezone(zone)
    wall = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{clock.day_label(local.date(), clock.today(zone).year)}, {wall}"


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
        steps=_steps(row, zone),
        can_resend=row.direction == "out" and row.status not in (Status.QUEUED, Status.SENDING),
    )


def _steps(row: Message, zone: ZoneInfo) -> list[Step]:
    found = [(row.created_at, Step("", "Queued", "queued"))]
    attempts = sa.select(Attempt).where(Attempt.message_id == row.id)
    for attempt in db.session.scalars(attempts):
        note = _reason(attempt.error_code)
        found.append((attempt.started_at, Step("", f"Attempt {attempt.number}", "sending")))
        if attempt.ended_at and attempt.outcome:
            status = "queued" if attempt.outcome == "retry" else attempt.outcome
            what = "Will be tried again" if attempt.outcome == "retry" else attempt.outcome
            found.append((attempt.ended_at, Step("", what.capitalize(), status, note)))
    callbacks = sa.select(Callback).where(Callback.message_id == row.id)
    for call in db.session.scalars(callbacks):
        note = _reason(call.error_code)
        found.append(
            (call.received_at, Step("", f"Reported: {call.provider_status}", "info", note))
        )
    if row.settled_at and row.status in (Status.SKIPPED, Status.CANCELLED):
        note = _reason(row.error_code)
        found.append((row.settled_at, Step("", row.status.capitalize(), row.status, note)))
    found.sort(key=lambda pair: pair[0])
    return [
        Step(_moment(at, zone, seconds=True), step.what, step.status, step.note)
        for at, step in found
    ]


def conversation(organisation_id: UUID, address: str, limit: int = 30) -> list[Message]:
    """What went to and came from an address, oldest first."""
    rows = db.session.scalars(
        sa.select(Message)
        .where(Message.address == address, Message.organisation_id == organisation_id)
        .order_by(Message.created_at.desc())
        .limit(limit)
    ).all()
    return list(reversed(rows))


def attention_count(organisation_id: UUID) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                Message.organisation_id == organisation_id, Message.needs_attention
            )
        )
        or 0
    )


def gauges() -> dict[str, float]:
    """Due and waiting, its age in seconds, and what failed or is uncertain and unseen."""
    moment = clock.now()
    due = sa.and_(Message.status == Status.QUEUED, Message.due_at <= moment)
    count, oldest = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(Message.due_at)).where(due)
    ).one()
    bad = dict(
        db.session.execute(
            sa.select(Message.status, sa.func.count())
            .where(Message.needs_attention)
            .group_by(Message.status)
        ).all()
    )
    uncertain = db.session.scalar(
        sa.select(sa.func.count()).where(Message.status == Status.UNCERTAIN)
    )
    return {
        "messages_due": count,
        "messages_oldest_due_seconds": (moment - oldest).total_seconds() if oldest else 0.0,
        "messages_failed_unseen": bad.get(Status.FAILED, 0),
        "messages_uncertain": uncertain or 0,
    }


def is_configured() -> dict[str, bool]:
    settings = current_app.config["SETTINGS"]
    return {"sms": bool(settings.twilio_account_sid), "email": bool(settings.smtp_host)}


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message in the development inbox, with its links filled in."""

    id: UUID
    direction: str
    at: str
    text: str
    subject: str
    status: str


@dataclass(frozen=True, slots=True)
class Device:
    """A telephone or a mailbox of somebody in the development inbox."""

    address: str
    bubbles: list[Bubble]


def development_inbox(channel: str, limit: int = 12) -> list[Device]:
    """The latest addresses with what they got and answered; only for development."""
    latest = db.session.execute(
        sa.select(Message.address, sa.func.max(Message.created_at))
        .where(_on(channel))
        .group_by(Message.address)
        .order_by(sa.func.max(Message.created_at).desc())
        .limit(limit)
    ).all()
    return [Device(address, _bubbles(channel, address)) for address, _ in latest]


def _on(channel: str) -> sa.ColumnElement[bool]:
    if channel == "email":
        return Message.channel == "email"
    return Message.channel.in_(("sms", "whatsapp"))


def _bubbles(channel: str, address: str) -> list[Bubble]:
    rows = db.session.scalars(
        sa.select(Message)
        .where(Message.address == address, _on(channel))
        .order_by(Message.created_at.desc())
        .limit(20)
    ).all()
    found: list[Bubble] = []
    for row in reversed(rows):
        if row.direction == "out" and row.status in (Status.CANCELLED, Status.SKIPPED):
            continue
        found.append(_bubble(row, row.direction, row.body))
        if row.answer:
            found.append(_bubble(row, "out", row.answer))
    return found


def _bubble(row: Message, direction: str, text: str) -> Bubble:
    return Bubble(
        id=row.id,
        direction=direction,
        at=f"{row.created_at:%H:%M}",
        text=rendering.with_secrets(text),
        subject=row.subject or "",
        status=row.status,
    )


def may_watch_organisation(actor: Actor, key: str) -> bool:
    return actor.role in AT_DESK and str(actor.organisation_id) == key


def may_watch_inbox(_actor: Actor, _key: str) -> bool:
    return current_app.config["SETTINGS"].environment == "development"
