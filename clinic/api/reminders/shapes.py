"""How reminders are written by programs, and read by them."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from clinic.api.frame import In, Out, PageOf, example
from clinic.api.when import Day, Instant
from clinic.core.errors import N_, Wrong
from clinic.core.fields import LONGEST_EMAIL, Language, Line, Text, Zone
from clinic.reminders.models import LONGEST_MESSAGE, LONGEST_RECURRENCE, LONGEST_TITLE

Status = Literal[
    "planned", "paused", "queued", "sending", "sent", "delivered", "failed", "uncertain", "skipped",
    "cancelled",
]  # fmt: skip
Type = Literal["appointment", "medication", "follow_up", "deadline", "notification"]
Method = Literal["sms", "whatsapp", "email"]
LARGEST_METADATA = 4_096  # characters, written as JSON

Title = Annotated[str, Line(LONGEST_TITLE, least=1)]
Message = Annotated[str, Text(LONGEST_MESSAGE, least=1)]
Recurrence = Annotated[str, Line(LONGEST_RECURRENCE)]

WRITTEN = {
    "title": "Blood pressure",
    "message": "Please measure your blood pressure and write it down.",
    "delivery_time": "2026-11-17T08:00:00Z",
    "method": "sms",
    "type": "medication",
    "timezone": "Europe/London",
    "recurrence": "FREQ=DAILY;COUNT=30",
    "reminder_metadata": {},
    "patient_id": "9c1e0d3b-2f4a-4c1d-8e6f-7a8b9c0d1e2f",
}
REMINDER = {
    **WRITTEN,
    "id": "8f7e6d5c-4b3a-4291-8e7f-6d5c4b3a2910",
    "appointment_id": None,
    "rule": None,
    "recipients": None,
    "status": "planned",
    "message_id": None,
    "created_by": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa",
    "created_at": "2026-11-10T08:00:02Z",
}
DELIVERY = {
    "message_id": "1d5f6a7b-8c9d-4e0f-a1b2-c3d4e5f60718",
    "occurrence": "2026-11-17T08:00:00Z",
    "patient_id": "9c1e0d3b-2f4a-4c1d-8e6f-7a8b9c0d1e2f",
    "method": "sms",
    "status": "delivered",
    "error_code": None,
    "sent_at": "2026-11-17T08:00:03Z",
}
PREVIEW = {
    "channel": "sms",
    "subject": None,
    "text": "Harbour Clinic: Blood pressure. Please measure it and write it down.",
    "encoding": "GSM-7",
    "length": 69,
    "parts": 1,
}


class MetadataIn(In):
    """What a program wants to find again; of it `to` alone means something here."""

    model_config = ConfigDict(extra="allow") | example({"to": "+447400123456"})

    to: Annotated[str, Line(LONGEST_EMAIL)] | None = Field(
        None, description="A number or an address to send it to: for the front desk any, else yours"
    )

    @model_validator(mode="after")
    def _bounded(self) -> "MetadataIn":
        if len(json.dumps(self.model_dump())) > LARGEST_METADATA:
            raise Wrong("too_long", N_("Keep at most 4,096 characters here."))
        return self


class RecipientsIn(In):
    """Patients one by one, all that are active, or whoever has a visit."""

    patient_ids: list[UUID] = Field(default_factory=list, max_length=1_000)
    everyone: bool = Field(False, description="All active patients of the organisation")
    doctor_id: UUID | None = Field(None, description="Whoever has a visit with that doctor")
    visits_from: Day | None = Field(None, description="With `visits_to`: whoever has a visit then")
    visits_to: Day | None = None

    model_config = example({"visits_from": "2026-11-16", "visits_to": "2026-11-20"})


class ReminderIn(In):
    title: Title
    message: Message
    delivery_time: Instant = Field(
        description="When it goes out; of what comes again the first time, or where to look for it"
    )
    method: Method | None = Field(None, description="Without one: as each person is written to")
    type: Type = "notification"
    timezone: Zone | None = Field(
        None, description="Whose wall clock a recurrence keeps to; yours without one"
    )
    recurrence: Recurrence | None = Field(
        None, description="An RRULE of RFC 5545, at most every 15 minutes"
    )
    reminder_metadata: MetadataIn | None = None
    patient_id: UUID | None = None
    recipients: RecipientsIn | None = None

    model_config = example(WRITTEN)


class ReminderPatch(In):
    title: Title | None = None
    message: Message | None = None
    delivery_time: Instant | None = None
    method: Method | None = None
    type: Type | None = None
    timezone: Zone | None = None
    recurrence: Recurrence | None = Field(None, description="null: it comes once")
    reminder_metadata: MetadataIn | None = None
    patient_id: UUID | None = None
    recipients: RecipientsIn | None = None

    model_config = example({"delivery_time": "2026-11-18T08:00:00Z"})

    @model_validator(mode="after")
    def _named(self) -> "ReminderPatch":
        empty = [one for one in _ALWAYS if one in self.model_fields_set and not getattr(self, one)]
        if empty:
            raise Wrong("required")
        return self


_ALWAYS = ("title", "message", "delivery_time", "type")  # can be changed, never taken away


class ReminderOut(Out):
    id: UUID
    type: Type
    title: str
    message: str | None = Field(description="null of an appointment's: its words are ours")
    appointment_id: UUID | None
    patient_id: UUID | None
    rule: str | None = Field(description="Of an appointment's, why it is sent: `before_3h`, ...")
    method: str | None
    delivery_time: datetime = Field(description="Of what comes again the next time")
    status: Status = Field(description="From `queued` on what became of its messages")
    message_id: UUID | None = Field(
        description="In the ledger, of an appointment's; what a person made has `deliveries`"
    )
    timezone: str
    recurrence: str | None
    reminder_metadata: dict[str, Any]
    recipients: dict[str, Any] | None
    created_by: UUID | None
    created_at: datetime

    model_config = example(REMINDER)


class ReminderPage(PageOf[ReminderOut]):
    model_config = example({"items": [REMINDER], "next_cursor": None})


class DeliveryOut(Out):
    message_id: UUID
    occurrence: datetime
    patient_id: UUID | None
    method: str
    status: str = Field(description="As the ledger says")
    error_code: str | None
    sent_at: datetime | None

    model_config = example(DELIVERY)


class DeliveriesOut(Out):
    items: list[DeliveryOut]

    model_config = example({"items": [DELIVERY]})


class PreviewIn(In):
    title: Title
    message: Message
    method: Method = "sms"
    language: Language | None = None

    model_config = example({key: WRITTEN[key] for key in ("title", "message", "method")})


class PreviewOut(Out):
    channel: str
    subject: str | None
    text: str
    encoding: str | None = Field(description="`GSM-7` or `UCS-2`; null of a letter")
    length: int | None
    parts: int | None = Field(description="Texts that the carrier sends, and bills")

    model_config = example(PREVIEW)
