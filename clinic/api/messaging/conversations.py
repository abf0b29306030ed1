"""The inbox of a front desk: conversations, replies, and who answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from clinic.access.actor import Actor
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
from clinic.api.messaging.ledger.messages import Channel, MessageStatus
from clinic.appointments.reading import people as visits_of
from clinic.appointments.reading.people import Caller
from clinic.core.fields import Text
from clinic.core.web.security import access
from clinic.messaging.threads import queries, replying, service, words
from clinic.messaging.threads.queries import Asked, Thread
from clinic.messaging.threads.replying import Reply
from clinic.patients.people import queries as patients

bp = Resource("conversations", tag="Messages")

OTHER_SIDE = {"id": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa", "name": "Asha Rao"}
CONVERSATION = {
    "id": "7c1f0c52-8d2e-4f0c-9b57-6a1f64b5c7ab",
    "address": "+447700900123",
    "channel": "sms",
    "patients": [OTHER_SIDE],
    "is_attached": False,
    "unread": 1,
    "last_at": "2026-11-16T08:00:00Z",
    "last_text": "Can somebody call me?",
    "last_direction": "in",
    "waits_since": "2026-11-16T08:00:00Z",
    "claimed_by": None,
    "claimed_name": None,
    "closed_at": None,
}
LINE = {
    "id": "2b3c4d5e-6f70-4812-93a4-b5c6d7e8f901",
    "direction": "in",
    "channel": "sms",
    "kind": "inbound",
    "subject": "",
    "body": "Can somebody call me?",
    "answer": "",
    "status": "received",
    "error_code": None,
    "reason": "",
    "created_at": "2026-11-16T08:00:00Z",
    "written_by": None,
    "written_name": None,
}
WHOLE = CONVERSATION | {"lines": [LINE]}


class OtherSideOut(Out):
    id: UUID
    name: str

    model_config = example(OTHER_SIDE)


class ConversationOut(Out):
    id: UUID
    address: str = Field(description="The number they write from")
    channel: Channel = Field(description="By which they wrote last")
    patients: list[OtherSideOut] = Field(description="Who it is, or all who have the number")
    is_attached: bool = Field(description="The desk said whose it is")
    unread: int
    last_at: datetime
    last_text: str = Field(description="Dots stand for links and codes")
    last_direction: Literal["in", "out"]
    waits_since: datetime | None = Field(description="null: it needs no reply")
    claimed_by: UUID | None = Field(description="Who answers it")
    claimed_name: str | None
    closed_at: datetime | None

    model_config = example(CONVERSATION)


class LineOut(Out):
    id: UUID = Field(description="Of the message")
    direction: Literal["in", "out"]
    channel: Channel
    kind: str
    subject: str
    body: str
    answer: str = Field(description="What was texted back at once")
    status: MessageStatus
    error_code: str | None
    reason: str
    created_at: datetime
    written_by: UUID | None = Field(description="Who at the desk replied")
    written_name: str | None

    model_config = example(LINE)


class ConversationDetailOut(ConversationOut):
    lines: list[LineOut] = Field(description="The last hundred, the newest last")

    model_config = example(WHOLE)


class ConversationPage(PageOf[ConversationOut]):
    model_config = example({"items": [CONVERSATION], "next_cursor": None})


class ConversationQuery(PageQuery):
    show: Literal["needs_reply", "mine", "all"] = "all"
    q: Annotated[str, Text(100)] = Field("", description="A part of the number, or a name")


class ReplyIn(In):
    text: Annotated[str, Text(replying.LONGEST, least=1)] = Field(
        description="`{name}`, `{clinic}`, `{phone}` and `{link}` (to the next visit) are filled in"
    )
    channel: Channel | None = Field(None, description="By default the one they wrote by last")

    model_config = example({"text": "Of course. When may we call?"})


class AttachIn(In):
    patient_id: UUID | None = Field(description="null: of whoever has the number")

    model_config = example({"patient_id": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa"})


@bp.get("/conversations")
@access(*READ_MESSAGES)
@bp.input(ConversationQuery, location="query")
@bp.output(ConversationPage)
def index(query_data: ConversationQuery) -> dict[str, Any]:
    """Those who wrote to your organisation, the last one first."""
    asked = Asked(query_data.show)
    if query_data.q:
        numbers, ids = patients.named(own_organisation(), actor(), query_data.q)
        asked = Asked(query_data.show, query_data.q, numbers, ids)
    found = queries.conversations(actor(), asked, query_data.paging)
    people = visits_of.of_threads(found.items, actor())
    return page(found.of(lambda threads: [_short(one, people[one.id]) for one in threads]))


@bp.get("/conversations/<uuid:conversation_id>")
@access(*READ_MESSAGES)
@bp.output(ConversationDetailOut)
def show(conversation_id: UUID) -> dict[str, Any]:
    """One conversation: what went to and fro, and what became of it."""
    return _whole(conversation_id)


@bp.post("/conversations/<uuid:conversation_id>/reply")
@access(*READ_MESSAGES)
@honours_key
@bp.input(ReplyIn)
@bp.output(ConversationDetailOut, 201)
def reply(conversation_id: UUID, json_data: ReplyIn) -> dict[str, Any]:
    """Write back to them.

    409 `cannot_reply` says in `errors` why not: `opted_out`, `unreachable`, `window_closed`
    (WhatsApp, 24 hours after they wrote), `no_email`, `too_many` ...
    """
    people = _people(queries.one(actor(), conversation_id))
    only = people[0] if len(people) == 1 else None
    new = Reply(
        text=json_data.text,
        channel=json_data.channel,
        email=_email(people),
        name=only.name if only else None,
        visit_id=only.visit.id if only and only.visit else None,
    )
    once(lambda: replying.reply(conversation_id, new, actor()), json_data)
    return _whole(conversation_id)


@bp.post("/conversations/<uuid:conversation_id>/claim")
@access(*READ_MESSAGES)
@bp.output(ConversationDetailOut)
def claim(conversation_id: UUID) -> dict[str, Any]:
    """Say that you answer it.

    409 `already_claimed` where a colleague does.
    """
    return _after(service.claim, conversation_id)


@bp.post("/conversations/<uuid:conversation_id>/release")
@access(*READ_MESSAGES)
@bp.output(ConversationDetailOut)
def release(conversation_id: UUID) -> dict[str, Any]:
    """Let anybody answer it, whoever claimed it."""
    return _after(service.release, conversation_id)


@bp.post("/conversations/<uuid:conversation_id>/close")
@access(*READ_MESSAGES)
@bp.output(ConversationDetailOut)
def close(conversation_id: UUID) -> dict[str, Any]:
    """Nothing is left to be said, until they write again."""
    return _after(service.close, conversation_id)


@bp.post("/conversations/<uuid:conversation_id>/reopen")
@access(*READ_MESSAGES)
@bp.output(ConversationDetailOut)
def reopen(conversation_id: UUID) -> dict[str, Any]:
    """Take back that it was closed."""
    return _after(service.reopen, conversation_id)


@bp.post("/conversations/<uuid:conversation_id>/read")
@access(*READ_MESSAGES)
@bp.output(ConversationDetailOut)
def read(conversation_id: UUID) -> dict[str, Any]:
    """Nothing in it is unread any more; it may need a reply all the same."""
    return _after(service.mark_read, conversation_id)


@bp.post("/conversations/<uuid:conversation_id>/attach")
@access(*READ_MESSAGES)
@bp.input(AttachIn)
@bp.output(ConversationDetailOut)
def attach(conversation_id: UUID, json_data: AttachIn) -> dict[str, Any]:
    """Say whose it is: a patient of your organisation, or null for whoever has the number."""
    service.attach(conversation_id, json_data.patient_id, actor())
    return _whole(conversation_id)


def _after(command: Callable[[UUID, Actor], object], conversation_id: UUID) -> dict[str, Any]:
    command(conversation_id, actor())
    return _whole(conversation_id)


def _whole(conversation_id: UUID) -> dict[str, Any]:
    thread = queries.one(actor(), conversation_id)
    people = _people(thread)
    lines = queries.lines(actor(), thread)
    told = [
        {name: getattr(one, name) for name in LINE if name not in ("kind", "reason")}
        | {"kind": one.template, "reason": words.reason(one.error_code)}
        for one in lines
    ]
    return _short(thread, people) | {"lines": told}


def _people(thread: Thread) -> list[Caller]:
    return visits_of.of_threads([thread], actor())[thread.id]


def _email(people: list[Caller]) -> str | None:
    """Of one person alone: a letter must not go to another of a family."""
    if len(people) != 1:
        return None
    return patients.email_of(people[0].patient_id, own_organisation())


def _short(thread: Thread, people: list[Caller]) -> dict[str, Any]:
    same = {name: getattr(thread, name) for name in CONVERSATION if hasattr(thread, name)}
    return same | {
        "patients": [{"id": one.patient_id, "name": one.name} for one in people],
        "is_attached": thread.patient_id is not None,
    }
