"""Reminders of every kind: what people are told about their visits, and what people write."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from pydantic import Field

from clinic.api.frame import PageQuery, Resource, actor, honours_key, once, page
from clinic.api.reminders.shapes import (
    DeliveriesOut,
    PreviewIn,
    PreviewOut,
    ReminderIn,
    ReminderOut,
    ReminderPage,
    ReminderPatch,
    Status,
    Type,
)
from clinic.core.web.security import signed_in
from clinic.messaging.desk import words
from clinic.reminders import delivered, queries
from clinic.reminders.keeping import make, steps
from clinic.reminders.keeping.make import Wanted
from clinic.reminders.own import wording
from clinic.reminders.own.wording import Preview
from clinic.reminders.queries import Listed

bp = Resource("reminders", tag="Reminders")


class ReminderQuery(PageQuery):
    status: list[Status] = Field(default_factory=list)
    type: list[Type] = Field(default_factory=list)
    appointment_id: UUID | None = None
    patient_id: UUID | None = None


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
    """What somebody with a login is told, and the reminders they made."""
    return _page(query_data, user_id)


def _page(asked: ReminderQuery, user_id: UUID | None = None) -> dict[str, Any]:
    wanted = queries.Wanted(
        statuses=frozenset(asked.status),
        types=frozenset(asked.type),
        appointment_id=asked.appointment_id,
        patient_id=asked.patient_id,
        user_id=user_id,
    )
    found = queries.page(actor(), wanted, asked.paging)
    return page(found.of(lambda reminders: [_shown(one) for one in reminders]))


def _shown(one: Listed) -> dict[str, Any]:
    title = one.title or words.title(one.template or "")
    return asdict(one) | {
        "title": title,
        "recipients": one.choice,
        "reminder_metadata": one.details or {},
        "created_by": one.author_id,
    }


@bp.post("/reminders")
@signed_in
@honours_key
@bp.input(ReminderIn)
@bp.output(ReminderOut, 201)
def create(json_data: ReminderIn) -> dict[str, Any]:
    """Have something said at a time, once or again and again.

    To a patient (`patient_id`), to many (`recipients`, for the front desk), to a written address
    (`reminder_metadata.to`), else to yourself.
    """
    wanted = Wanted(**_given(json_data))
    reminder_id = UUID(once(lambda: make.make(wanted, actor()), json_data))
    return _shown(queries.one(actor(), reminder_id))


def _given(body: ReminderIn | ReminderPatch) -> dict[str, Any]:
    """As the command calls it, of what was sent."""
    given = body.model_dump(exclude_unset=True)
    if "recipients" in given:
        given["choice"] = given.pop("recipients")
    if "reminder_metadata" in given:
        given["details"] = given.pop("reminder_metadata") or {}
    return given


@bp.post("/reminders/preview")
@signed_in
@bp.input(PreviewIn)
@bp.output(PreviewOut)
def preview(json_data: PreviewIn) -> Preview:
    """How a reminder reads, and how many texts it takes. Nothing is sent or kept."""
    asked, place = json_data, make.sender_of(actor())
    return wording.preview(place, asked.method, asked.title, asked.message, asked.language or "en")


@bp.get("/reminders/<uuid:reminder_id>")
@signed_in
@bp.output(ReminderOut)
def show(reminder_id: UUID) -> dict[str, Any]:
    """One reminder."""
    return _shown(queries.one(actor(), reminder_id))


@bp.put("/reminders/<uuid:reminder_id>")
@signed_in
@bp.input(ReminderPatch)
@bp.output(ReminderOut)
def change(reminder_id: UUID, json_data: ReminderPatch) -> dict[str, Any]:
    """Change what was not sent yet; what is not named stays. Another time moves the delivery."""
    make.change(reminder_id, _given(json_data), actor())
    return _shown(queries.one(actor(), reminder_id))


@bp.post("/reminders/<uuid:reminder_id>/cancel")
@signed_in
@bp.output(ReminderOut)
def cancel(reminder_id: UUID) -> dict[str, Any]:
    """Have it not sent, as long as it has not left."""
    steps.cancel(reminder_id, actor())
    return _shown(queries.one(actor(), reminder_id))


@bp.post("/reminders/<uuid:reminder_id>/pause")
@signed_in
@bp.output(ReminderOut)
def pause(reminder_id: UUID) -> dict[str, Any]:
    """Have it wait until it is resumed."""
    steps.pause(reminder_id, actor())
    return _shown(queries.one(actor(), reminder_id))


@bp.post("/reminders/<uuid:reminder_id>/resume")
@signed_in
@bp.output(ReminderOut)
def resume(reminder_id: UUID) -> dict[str, Any]:
    """Go on with the first occurrence to come."""
    steps.resume(reminder_id, actor())
    return _shown(queries.one(actor(), reminder_id))


@bp.post("/reminders/<uuid:reminder_id>/send-now")
@signed_in
@bp.output(ReminderOut)
def send_now(reminder_id: UUID) -> dict[str, Any]:
    """Send it before its time, once; what comes again goes on as it was."""
    steps.send_now(reminder_id, actor())
    return _shown(queries.one(actor(), reminder_id))


@bp.get("/reminders/<uuid:reminder_id>/deliveries")
@signed_in
@bp.output(DeliveriesOut)
def deliveries(reminder_id: UUID) -> dict[str, Any]:
    """What became of it: its messages, the newest occurrence first, at most 500."""
    return {"items": delivered.deliveries(actor(), reminder_id)}
