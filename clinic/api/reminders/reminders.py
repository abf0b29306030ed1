"""What people are told about their visits, and when."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from clinic.api.frame import Out, PageOf, PageQuery, Resource, actor, example, page
from clinic.core.web.security import signed_in
from clinic.messaging.desk import words
from clinic.reminders import queries, service
from clinic.reminders.queries import Listed, Wanted

bp = Resource("reminders", tag="Reminders")

Status = Literal[
    "planned", "queued", "sending", "sent", "delivered", "failed", "uncertain", "skipped",
    "cancelled",
]  # fmt: skip
REMINDER = {
    "id": "8f7e6d5c-4b3a-4291-8e7f-6d5c4b3a2910",
    "type": "appointment",
    "title": "Reminder",
    "appointment_id": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa",
    "patient_id": "9c1e0d3b-2f4a-4c1d-8e6f-7a8b9c0d1e2f",
    "rule": "before_3h",
    "method": "sms",
    "delivery_time": "2026-11-16T08:00:00Z",
    "status": "planned",
    "message_id": None,
    "timezone": "Europe/London",
    "created_at": "2026-11-10T08:00:02Z",
}


class ReminderOut(Out):
    id: UUID
    type: str
    title: str
    appointment_id: UUID
    patient_id: UUID
    rule: str = Field(description="Why it is sent: `before_3h`, `booked`, ...")
    method: str
    delivery_time: datetime
    status: Status = Field(description="From `queued` on what became of its message")
    message_id: UUID | None = Field(description="In the ledger, once it is no longer planned")
    timezone: str
    created_at: datetime

    model_config = example(REMINDER)


class ReminderPage(PageOf[ReminderOut]):
    model_config = example({"items": [REMINDER], "next_cursor": None})


class ReminderQuery(PageQuery):
    status: list[Status] = Field(default_factory=list)
    appointment_id: UUID | None = None


@bp.get("/reminders")
@signed_in
@bp.input(ReminderQuery, location="query")
@bp.output(ReminderPage)
def index(query_data: ReminderQuery) -> dict[str, Any]:
    """Your reminders, or those of your organisation, the first due first."""
    return _page(query_data)


@bp.get("/users/<uuid:user_id>/reminders")
@signed_in
@bp.input(ReminderQuery, location="query")
@bp.output(ReminderPage)
def of_user(user_id: UUID, query_data: ReminderQuery) -> dict[str, Any]:
    """The reminders of a patient who has a login."""
    return _page(query_data, user_id)


def _page(asked: ReminderQuery, user_id: UUID | None = None) -> dict[str, Any]:
    wanted = Wanted(frozenset(asked.status), asked.appointment_id, user_id)
    found = queries.page(actor(), wanted, asked.paging)
    return page(found.of(lambda reminders: [_shown(one) for one in reminders]))


def _shown(one: Listed) -> dict[str, Any]:
    return asdict(one) | {"title": words.title(one.template)}


@bp.get("/reminders/<uuid:reminder_id>")
@signed_in
@bp.output(ReminderOut)
def show(reminder_id: UUID) -> dict[str, Any]:
    """One reminder."""
    return _shown(queries.one(actor(), reminder_id))


@bp.post("/reminders/<uuid:reminder_id>/cancel")
@signed_in
@bp.output(ReminderOut)
def cancel(reminder_id: UUID) -> dict[str, Any]:
    """Have it not sent, as long as it is planned."""
    service.cancel(reminder_id, actor())
    return _shown(queries.one(actor(), reminder_id))
