"""The ledger: messages in and out, what became of each, and one more try."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from clinic.access.roles import READ_MESSAGES
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    own_organisation,
    page,
)
from clinic.api.when import Day, DayOrInstant, instants
from clinic.appointments.reading import lists
from clinic.core import clock
from clinic.core.fields import Text
from clinic.core.web.security import access
from clinic.messaging.desk import queries, service, words
from clinic.messaging.desk.narrowing import Filter
from clinic.messaging.desk.queries import Line, Story, What
from clinic.patients.people import queries as patients

bp = Resource("messages", tag="Messages")

Channel = Literal["sms", "whatsapp", "email"]
MessageStatus = Literal[
    "queued", "sending", "sent", "delivered", "failed", "uncertain", "skipped", "cancelled",
    "received",
]  # fmt: skip
MESSAGE = {
    "id": "2b3c4d5e-6f70-4812-93a4-b5c6d7e8f901",
    "direction": "out",
    "channel": "sms",
    "audience": "patient",
    "address": "+447700900123",
    "kind": "visit_reminder",
    "title": "Reminder",
    "appointment_id": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa",
    "status": "failed",
    "error_code": "30003",
    "reason": "The telephone cannot be reached",
    "needs_attention": True,
    "can_resend": True,
    "can_cancel": False,
    "tries": 1,
    "created_at": "2026-11-16T08:00:00Z",
    "due_at": "2026-11-16T08:00:00Z",
    "sent_at": "2026-11-16T08:00:01Z",
    "settled_at": "2026-11-16T08:00:09Z",
}
ATTEMPT = {
    "number": 1,
    "started_at": "2026-11-16T08:00:00Z",
    "ended_at": "2026-11-16T08:00:01Z",
    "outcome": "sent",
    "error_code": None,
}
REPORT = {"status": "undelivered", "error_code": "30003", "received_at": "2026-11-16T08:00:09Z"}
TOLD = {
    **MESSAGE,
    "subject": "",
    "body": "Harbour Clinic: see you Mon 16 Nov, 11:00. \u2022\u2022\u2022",
    "answer": "",
    "sender": "+447700900999",
    "provider_id": "SM0123456789abcdef0123456789abcdef",
    "attempts": [ATTEMPT],
    "reports": [REPORT],
    "again_of": None,
    "sent_again": ["3c4d5e6f-7081-4923-a4b5-c6d7e8f90123"],
}


class MessageOut(Out):
    id: UUID
    direction: Literal["out", "in"]
    channel: Channel
    audience: Literal["patient", "doctor", "staff"]
    address: str = Field(description="The other side: a number or an address; may be empty")
    kind: str = Field(description="`visit_booked`, `visit_reminder` ...; `inbound` came in")
    title: str
    appointment_id: UUID | None
    status: MessageStatus
    error_code: str | None = Field(description="The provider's code, or a word of ours")
    reason: str = Field(description="What `error_code` means, in words")
    needs_attention: bool = Field(description="Somebody at the desk has to look")
    can_resend: bool = Field(description="It went out and is on its way no more")
    can_cancel: bool = Field(description="It waits, and can be stopped")
    tries: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None = Field(description="When the provider took it")
    settled_at: datetime | None

    model_config = example(MESSAGE)


class AttemptOut(Out):
    number: int
    started_at: datetime
    ended_at: datetime | None = Field(description="null while nobody knows how it ended")
    outcome: str | None
    error_code: str | None

    model_config = example(ATTEMPT)


class ReportOut(Out):
    status: str = Field(validation_alias="provider_status")
    error_code: str | None
    received_at: datetime

    model_config = example(REPORT) | {"populate_by_name": True}


class MessageDetailOut(MessageOut):
    subject: str
    body: str = Field(description="Dots stand for links and codes, which only the reader gets")
    answer: str = Field(description="What was texted back to one that came in")
    sender: str
    provider_id: str
    attempts: list[AttemptOut]
    reports: list[ReportOut] = Field(description="What the provider said later")
    again_of: UUID | None = Field(description="The message that it says again")
    sent_again: list[UUID] = Field(description="The messages that say it again")

    model_config = example(TOLD)


class MessagePage(PageOf[MessageOut]):
    model_config = example({"items": [MESSAGE], "next_cursor": None})


class _Narrowed(BaseModel):
    """What a list of messages is narrowed by."""

    status: list[MessageStatus] = Field(default_factory=list)
    channel: list[Channel] = Field(default_factory=list)
    kind: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=20)
    direction: Literal["out", "in"] | None = None
    needs_attention: bool | None = None
    q: Annotated[str, Text(120)] = Field(
        "", description="A part of a number or an address, or of a patient's name"
    )
    appointment_id: UUID | None = None
    day: Day | None = Field(None, description="Written on that day, of your own time zone")
    since: DayOrInstant | None = Field(None, validation_alias="from", description="Included")
    until: DayOrInstant | None = Field(
        None, validation_alias="to", description="A day is included, an instant is not"
    )


class MessageQuery(_Narrowed, PageQuery):
    pass


class FoundIn(_Narrowed, In):
    model_config = example({"status": ["failed"], "channel": ["sms"]})


class ResendIn(In):
    channel: Channel | None = Field(None, description="Another way than before")

    model_config = example({"channel": "email"})


@bp.get("/messages")
@access(*READ_MESSAGES)
@bp.input(MessageQuery, location="query")
@bp.output(MessagePage)
def index(query_data: MessageQuery) -> dict[str, Any]:
    """The messages of your organisation, in and out, the newest first."""
    found = queries.messages(actor(), wanted(query_data), query_data.paging)
    return page(found.of(lambda lines: [_line(one) for one in lines]))


def wanted(asked: MessageQuery | FoundIn) -> Filter:
    zone = lists.zone_of(actor())
    since, until = instants(asked.since, asked.until, zone)
    if asked.day:
        first, following = clock.day_bounds(asked.day, zone)
        since, until = max(since or first, first), min(until or following, following)
    addresses, people = _named(asked.q)
    return Filter(
        statuses=asked.status,
        channels=asked.channel,
        kinds=asked.kind,
        direction=asked.direction or "",
        address=asked.q,
        addresses=addresses,
        patients=people,
        about_id=asked.appointment_id,
        since=since,
        until=until,
        attention=asked.needs_attention,
    )


def _named(text: str) -> tuple[set[str], set[UUID]]:
    """Nobody is called by digits."""
    if not any(letter.isalpha() for letter in text):
        return set(), set()
    return patients.named(own_organisation(), actor(), text)


@bp.get("/messages/<uuid:message_id>")
@access(*READ_MESSAGES)
@bp.output(MessageDetailOut)
def show(message_id: UUID) -> dict[str, Any]:
    """One message: its words without links and codes, each attempt, and what the provider said."""
    return told(queries.story(actor(), message_id))


@bp.post("/messages/<uuid:message_id>/resend")
@access(*READ_MESSAGES)
@honours_key
@bp.input(ResendIn)
@bp.output(MessageDetailOut, 201)
def resend(message_id: UUID, json_data: ResendIn) -> dict[str, Any]:
    """Send it again.

    As a message of its own: if it is still true, to the address of today. What is about a visit
    can go by another channel. 409 `cannot_resend` says in `errors` why not.
    """
    new = once(lambda: service.resend(message_id, actor(), json_data.channel), json_data)
    return told(queries.story(actor(), UUID(new)))


@bp.post("/messages/<uuid:message_id>/seen")
@access(*READ_MESSAGES)
@bp.output(MessageDetailOut)
def seen(message_id: UUID) -> dict[str, Any]:
    """Somebody has looked: it needs attention no more."""
    service.mark_seen(message_id, actor())
    return told(queries.story(actor(), message_id))


_SAME = (
    "id", "direction", "channel", "audience", "address", "status", "error_code", "needs_attention",
    "can_resend", "can_cancel", "tries", "created_at", "due_at", "sent_at", "settled_at",
)  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in _SAME} | {
        "kind": line.template,
        "title": words.title(line.template),
        "appointment_id": line.about_id,
        "reason": words.reason_alone(line.error_code),
    }


def told(story: Story) -> dict[str, Any]:
    return _line(story.line) | {
        "subject": story.subject,
        "body": story.body,
        "answer": story.answer,
        "sender": story.sender,
        "provider_id": story.provider_id,
        "attempts": story.tries,
        "reports": story.reports,
        "again_of": story.again_of,
        "sent_again": [one.message_id for one in story.steps if one.what is What.AGAIN],
    }
