"""Visits: book, find, read, and how a doctor's went."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from clinic.access.roles import BOOK, SETTLE_VISITS, Role
from clinic.api.appointments.shown import VISIT, AppointmentOut, AppointmentPage
from clinic.api.frame import (
    In,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    idempotency_key,
    once,
    page,
)
from clinic.api.reading import InvalidInput
from clinic.api.when import DayOrInstant, Instant, instants
from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import Booked, BookingRequest
from clinic.appointments.models import LONGEST_REASON
from clinic.appointments.reading import lists
from clinic.appointments.reading.lists import Listed, Wanted
from clinic.appointments.steps import take as steps
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.errors import N_, FieldError
from clinic.core.fields import Text
from clinic.core.web.security import access, client_address, signed_in
from clinic.messaging.queueing import queries as messaging

bp = Resource("appointments", tag="Appointments")


class BookIn(In):
    doctor_id: UUID | None = Field(None, description="With `start`; or else send `schedule_id`")
    schedule_id: UUID | None = Field(None, description="Without `start`: its first free time")
    start: Instant | None = None
    reason: Annotated[str, Text()] = Field(min_length=1, max_length=LONGEST_REASON)
    patient_id: UUID | None = Field(None, description="For whom; needed unless you are the patient")
    channel: Literal["sms", "whatsapp", "email"] | None = Field(
        None, description="For this visit; else as the organisation writes to the patient"
    )

    model_config = example(
        {
            "doctor_id": VISIT["doctor_id"],
            "start": "2026-11-16T11:00:00Z",
            "reason": "Blood pressure",
        }
    )


class ChangeIn(In):
    status: Status = Field(description="Every step on the way there is taken")

    model_config = example({"status": "completed"})


class AppointmentQuery(PageQuery):
    status: list[Status] = Field(default_factory=list)
    doctor_id: UUID | None = None
    patient_id: UUID | None = None
    since: DayOrInstant | None = Field(None, validation_alias="from", description="Included")
    until: DayOrInstant | None = Field(
        None, validation_alias="to", description="A day is included, an instant is not"
    )
    left: bool = Field(False, description="Only what waits for a decision because its doctor left")
    month: str | None = Field(
        None,
        pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$",
        description="In your own time zone, as `GET /users/me` gives it",
    )


@bp.post("/appointments")
@access(*BOOK)
@honours_key
@bp.input(BookIn)
@bp.output(AppointmentOut, 201)
def book(json_data: BookIn) -> Listed:
    """Book a visit, at a doctor's free time or in a window."""
    booked = _book(json_data)
    if booked.visit is None:
        return lists.outcome(actor(), booked.id)
    return Listed(booked.visit, rescheduled_to_id=None)


def _book(wanted: BookIn) -> Booked:
    patient_id = wanted.patient_id or actor().patient_id
    if patient_id is None:
        raise _missing("patient_id", N_("Say whom the visit is for"))
    if wanted.channel and wanted.channel not in messaging.ways_of_any():
        closed = N_("Nothing can be sent this way now. Leave it out, or choose another.")
        raise InvalidInput(errors=[FieldError("channel", "cannot_send", closed)])
    if wanted.schedule_id and wanted.doctor_id is None:
        client = client_address()
        of_window = (wanted.schedule_id, wanted.start, patient_id, wanted.reason)
        window = (*of_window, actor(), client, wanted.channel)
        return Booked(UUID(once(lambda: booking.book_in_window(*window).id, wanted)), None)
    if wanted.doctor_id is None or wanted.schedule_id:
        raise _missing("doctor_id", N_("Send either doctor_id and start, or schedule_id"))
    if wanted.start is None:
        raise _missing("start", N_("Say when"))
    request = BookingRequest(
        wanted.doctor_id,
        patient_id,
        wanted.start,
        wanted.reason,
        wanted.channel,
        source="api",
        client=client_address(),
    )
    return booking.book_once(request, actor(), idempotency_key(wanted))


def _missing(field: str, words: str) -> InvalidInput:
    return InvalidInput(errors=[FieldError(field, "missing", words)])


@bp.get("/appointments")
@signed_in
@bp.input(AppointmentQuery, location="query")
@bp.output(AppointmentPage)
def index(query_data: AppointmentQuery) -> dict[str, Any]:
    """The visits you may see, the latest first."""
    return page(lists.visits_of(actor(), _wanted(query_data), query_data.paging))


@bp.get("/doctors/me/appointments")
@access(Role.DOCTOR)
@bp.input(AppointmentQuery, location="query")
@bp.output(AppointmentPage)
def of_doctor(query_data: AppointmentQuery) -> dict[str, Any]:
    """A doctor's own visits, the latest first."""
    return page(lists.visits_of(actor(), _wanted(query_data), query_data.paging))


@bp.get("/patients/me/appointments")
@access(Role.PATIENT)
@bp.input(AppointmentQuery, location="query")
@bp.output(AppointmentPage)
def of_patient(query_data: AppointmentQuery) -> dict[str, Any]:
    """A patient's own visits, the latest first."""
    return page(lists.visits_of(actor(), _wanted(query_data), query_data.paging))


def _wanted(asked: AppointmentQuery) -> Wanted:
    by_time = asked.since or asked.until or asked.month
    zone = lists.zone_of(actor()) if by_time else clock.zone("UTC")
    since, until = instants(asked.since, asked.until, zone)
    if asked.month:
        first, following = lists.month_bounds(date.fromisoformat(f"{asked.month}-01"), zone)
        since, until = max(since or first, first), min(until or following, following)
    return Wanted(
        frozenset(asked.status), asked.doctor_id, asked.patient_id, since, until, asked.left
    )


@bp.get("/appointments/<uuid:appointment_id>")
@signed_in
@bp.output(AppointmentOut)
def show(appointment_id: UUID) -> Listed:
    """One visit."""
    return lists.one(actor(), appointment_id)


@bp.patch("/appointments/<uuid:appointment_id>")
@access(*SETTLE_VISITS)
@bp.input(ChangeIn)
@bp.output(AppointmentOut)
def change(appointment_id: UUID, json_data: ChangeIn) -> Listed:
    """Bring a visit to a status, if a way leads there."""
    visit = steps.take_to(appointment_id, json_data.status, actor())
    return lists.outcome(actor(), visit.id)
