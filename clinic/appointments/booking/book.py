"""The one booking function."""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.access.actor import Actor
from clinic.access.roles import BOOK_FOR_PATIENTS
from clinic.appointments.booking import situation
from clinic.appointments.booking.situation import Patienthood, Situation, Wish
from clinic.appointments.errors import (
    AlreadyBooked,
    PatientBusy,
    SlotNotOffered,
    SlotTaken,
    TooManyOpen,
)
from clinic.appointments.facts import AppointmentCreated
from clinic.appointments.holding import hold
from clinic.appointments.life.locking import lock_for_booking
from clinic.appointments.life.telling import tell
from clinic.appointments.models import Appointment
from clinic.appointments.offer.diary import Diary, diaries
from clinic.appointments.offer.practice import Practice, practices
from clinic.appointments.reading import own
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading.visit import Visit
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data import idempotency
from clinic.core.data.db import db, transactional
from clinic.core.data.idempotency import Key, KeyReused
from clinic.core.data.trips import writing
from clinic.core.data.trips.rows import Again
from clinic.core.errors import N_, FieldError, NotFound, TooMany
from clinic.messaging.channels import USUAL
from clinic.patients.errors import PatientInactive
from clinic.patients.people import service as patients
from clinic.schedules.models import Schedule
from clinic.schedules.slots import Slot

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that reads like something else
CODE_LENGTH = 5
MOST_PER_HOUR = 10
MOST_OPEN = 10


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """`start` is the instant of the slot. `channel` is said for this visit alone; None: as the
    organisation writes to the patient."""

    doctor_id: UUID
    patient_id: UUID
    start: datetime
    reason: str
    channel: str | None = None
    source: str = "web"
    client: str = ""  # the address of whoever asks, as limits count it


# What the indexes behind the rules mean. The locks keep the first two from ever being asked.
TAKEN: dict[str, type[Exception]] = {
    "uq_appointments_seat": SlotTaken,
    "uq_appointments_patient": PatientBusy,
    "uq_appointments_code": Again,  # with another code
}


@transactional
def book(request: BookingRequest, actor: Actor) -> Appointment:
    """Give the patient the lowest free seat of the slot.

    Raises AlreadyBooked, SlotTaken, SlotNotOffered, PatientBusy, TooMany, TooManyOpen, NotProven,
    TooManyUnproven, PatientInactive; NotFound for a patient or doctor the actor may not book for.
    """
    return _book(request, actor, situation.locked(_wish(request, actor), actor))


@dataclass(frozen=True, slots=True)
class Booked:
    """`visit` is what the actor would read of it now; None if the key had booked it before."""

    id: UUID
    visit: Visit | None


@transactional
def book_once(request: BookingRequest, actor: Actor, key: Key | None) -> Booked:
    """`book`, or the visit that it gave to the same key before. Raises KeyReused, too."""
    try:
        found = situation.locked(_wish(request, actor), actor, key)
    except KeyReused as error:
        error.errors = (FieldError("appointment_id", error.answer, N_("The visit it booked")),)
        raise
    if found.answer is not None:
        return Booked(UUID(found.answer), None)
    visit = _book(request, actor, found)
    idempotency.keep(key, str(visit.id))
    zone = offered(found)[0].zone
    return Booked(visit.id, visits.of_new(visit, zone, found.named, actor))


def _wish(request: BookingRequest, actor: Actor) -> Wish:
    at_desk = actor.may(BOOK_FOR_PATIENTS)
    return Wish(request.doctor_id, request.patient_id, request.start, at_desk)


def _book(request: BookingRequest, actor: Actor, found: Situation) -> Appointment:
    _refuse_own(request, found)
    practice, slot = offered(found)
    _refuse_patient(found.patient)
    is_unproven = not actor.may(BOOK_FOR_PATIENTS) and not found.patient.is_proven
    if not actor.may(BOOK_FOR_PATIENTS):
        _refuse_too_many(found.lately, found.coming)
    if is_unproven:
        hold.refuse_second(found.coming)
    refuse_taken(slot, found)
    request = replace(request, channel=request.channel or _usual_channel(found.patient))
    if not found.patient.is_linked:
        contact = patients.Contact(
            phone=found.patient.phone,
            email=found.patient.email,
            channel=request.channel or USUAL["phone"],
        )
        patients.link_new(request.patient_id, practice.organisation_id, contact)
    visit = visit_in(slot, request, practice, actor)
    if is_unproven:
        visit.held_until = hold.begin(visit, request.client)
    writing.add(visit, TAKEN)
    tell(visit, AppointmentCreated, actor)
    return visit


def _refuse_own(request: BookingRequest, found: Situation) -> None:
    """Before all else: who has the time must not read that it is gone, or that they ask too much.

    Costs nothing unless a visit of theirs begins just then. Raises AlreadyBooked.
    """
    if not found.patient.is_known or found.busy_from != request.start:
        return
    visit = own.held(request.patient_id, request.doctor_id, request.start)
    if visit:
        raise AlreadyBooked(visit.id, visit.code)


def _usual_channel(patient: Patienthood) -> str:
    """Their own at the organisation; else whichever of text and e-mail there is an address for."""
    only_mail = patient.email and not patient.phone
    return patient.channel or USUAL["email" if only_mail else "phone"]


def offered(found: Situation) -> tuple[Practice, Slot]:
    """The slot that begins then, free or full. Raises SlotNotOffered."""
    if found.practice is None or found.slot is None:
        raise SlotNotOffered(N_("That time is in the past or is not one of the doctor's times."))
    return found.practice, found.slot


def refuse_taken(slot: Slot, found: Situation) -> None:
    """Raises SlotTaken, PatientBusy."""
    if slot.free_seat is None:
        raise SlotTaken
    if found.is_busy:
        raise PatientBusy


def _refuse_patient(patient: Patienthood) -> None:
    """Strangers are refused: a patient books for themselves, an organisation for the patients it
    knows. Raises NotFound, PatientInactive.
    """
    if not patient.is_known:
        raise NotFound
    if patient.is_inactive:
        raise PatientInactive


def _refuse_too_many(lately: int, coming: int) -> None:
    """One account must not fill a clinic's diary: 10 bookings an hour, 10 open."""
    if lately >= MOST_PER_HOUR:
        raise TooMany(
            N_("You booked many times within an hour. Please wait, or call the clinic."), 3600
        )
    if coming >= MOST_OPEN:
        raise TooManyOpen


def visit_in(slot: Slot, request: BookingRequest, practice: Practice, actor: Actor) -> Appointment:
    """A new row in the slot's lowest free seat, not yet stored."""
    moment = clock.now()
    return Appointment(
        organisation_id=practice.organisation_id,
        doctor_id=request.doctor_id,
        patient_id=request.patient_id,
        schedule_id=slot.schedule_id,
        location_id=slot.location_id,
        starts_at=slot.start,
        ends_at=slot.end,
        seat=slot.free_seat,
        status=Status.PENDING,
        reason=request.reason,
        code=_new_code(),
        source=request.source,
        channel=request.channel,
        booked_by=actor.user_id,
        created_at=moment,
        updated_at=moment,
    )


def _new_code() -> str:
    """Drawn blindly: one that somebody has is refused when the row is written."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


@transactional
def book_in_window(
    schedule_id: UUID,
    start: datetime | None,
    patient_id: UUID,
    reason: str,
    actor: Actor,
    client: str = "",
    channel: str | None = None,
) -> Appointment:
    """Raises what `booking.book` raises; NotFound for an absent or withdrawn window."""
    window = db.session.get(Schedule, schedule_id)
    if window is None or window.withdrawn_at is not None:
        raise NotFound
    # Under the lock, or many who ask at once would all be sent to the same first free time.
    lock_for_booking([window.doctor_id], [patient_id])
    at_desk = actor.may(BOOK_FOR_PATIENTS)
    moment = start or _first_free(window.doctor_id, schedule_id, at_desk)
    request = BookingRequest(window.doctor_id, patient_id, moment, reason, channel)
    visit = book(replace(request, source="api", client=client), actor)
    if visit.schedule_id != schedule_id:
        raise SlotNotOffered(N_("That time is not one of this window's times."))
    return visit


def _first_free(doctor_id: UUID, schedule_id: UUID, at_desk: bool) -> datetime:
    found = practices([doctor_id], at_desk)
    if doctor_id not in found:
        raise NotFound
    practice = found[doctor_id]
    first, last = clock.today(practice.zone), practice.latest.astimezone(practice.zone).date()
    diary = diaries(found, first, last)[doctor_id]
    for day in _days_of(diary, schedule_id, first, last):
        for slot in diary.free(day, day):
            if slot.schedule_id == schedule_id:
                return slot.start
    raise SlotTaken(N_("This window has no free time left."))


def _days_of(diary: Diary, schedule_id: UUID, first: date, last: date) -> list[date]:
    windows = [window for window in diary.windows if window.id == schedule_id]
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if any(window.happens_on(day) for window in windows)]
