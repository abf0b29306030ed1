"""The one booking function."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import BOOK_FOR_PATIENTS, Role
from clinic.access.visible import Condition, Visible, everything, same_organisation, same_patient
from clinic.accounts.models import User
from clinic.appointments.errors import PatientBusy, SlotNotOffered, SlotTaken, TooManyOpen
from clinic.appointments.facts import AppointmentCreated
from clinic.appointments.life.conflicts import takes_time
from clinic.appointments.life.locking import lock_for_booking
from clinic.appointments.life.telling import tell
from clinic.appointments.models import Appointment
from clinic.appointments.offer.diary import offered_slot
from clinic.appointments.offer.practice import Practice
from clinic.appointments.vocabulary import UPCOMING, Status
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, NotFound, TooMany
from clinic.doctors.models import Doctor
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people import service as patients
from clinic.schedules.slots import Slot

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that reads like something else
CODE_LENGTH = 5
MOST_PER_HOUR = 10
MOST_OPEN = 10


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """`start` is the instant of the slot."""

    doctor_id: UUID
    patient_id: UUID
    start: datetime
    reason: str
    channel: str = "sms"
    source: str = "web"


@transactional
def book(request: BookingRequest, actor: Actor) -> Appointment:
    """Give the patient the lowest free seat of the slot.

    Raises SlotTaken, SlotNotOffered, PatientBusy, TooMany, TooManyOpen, PatientInactive; NotFound
    for a patient or doctor the actor may not book for.
    """
    lock_for_booking(doctors=[request.doctor_id], patients=[request.patient_id])
    at_desk = actor.may(BOOK_FOR_PATIENTS)
    practice, slot = offered(request.doctor_id, request.start, at_desk)
    contact = _contact(request, actor)
    patients.refuse_inactive(request.patient_id, practice.organisation_id)
    visits = visits_of(request.patient_id, slot)
    if not at_desk:
        _refuse_too_many(visits.lately, visits.coming)
    refuse_taken(slot, visits)
    patients.link(request.patient_id, practice.organisation_id, contact)
    visit = visit_in(slot, request, practice, actor)
    db.session.add(visit)
    db.session.flush()
    tell(visit, AppointmentCreated, actor)
    return visit


def offered(doctor_id: UUID, start: datetime, at_desk: bool) -> tuple[Practice, Slot]:
    """The slot that begins then, free or full. Raises SlotNotOffered."""
    found = offered_slot(doctor_id, start, at_desk)
    if found is None:
        raise SlotNotOffered(N_("That time is in the past or is not one of the doctor's times."))
    return found


def refuse_taken(slot: Slot, visits: Any) -> None:
    """`visits` as `visits_of` counts them. Raises SlotTaken, PatientBusy."""
    if slot.free_seat is None:
        raise SlotTaken
    if visits.meanwhile:
        raise PatientBusy


def _known_there(actor: Actor) -> Condition:
    return sa.exists().where(
        PatientOrganisation.patient_id == Patient.id,
        same_organisation(PatientOrganisation.organisation_id)(actor),
    )


PATIENTS = Visible(
    "patient to book for",
    {
        Role.PATIENT: same_patient(Patient.id),
        Role.STAFF: _known_there,
        Role.ADMIN: _known_there,
        Role.SUPERADMIN: everything,
    },
)
DOCTORS = Visible(
    "doctor to book with",
    {
        Role.PATIENT: everything,
        Role.STAFF: same_organisation(Doctor.organisation_id),
        Role.ADMIN: same_organisation(Doctor.organisation_id),
        Role.SUPERADMIN: everything,
    },
)


def _contact(request: BookingRequest, actor: Actor) -> patients.Contact:
    """How the patient is reached. In the same statement strangers are refused: a patient books for
    themselves, an organisation for the patients it knows. Raises NotFound.
    """
    theirs = sa.exists().where(Doctor.id == request.doctor_id, DOCTORS.to(actor))
    row = db.session.execute(
        sa.select(User.phone, User.email)
        .select_from(Patient)
        .outerjoin(User, User.id == Patient.user_id)
        .where(Patient.id == request.patient_id, PATIENTS.to(actor), theirs)
    ).one_or_none()
    if row is None:
        raise NotFound
    return patients.Contact(phone=row.phone, email=row.email, channel=request.channel)


_OF_PATIENT = sa.select(
    sa.func.count()
    .filter(
        Appointment.created_at > sa.bindparam("an_hour_ago"),
        Appointment.rescheduled_from_id.is_(None),  # to move a visit is not to book one
    )
    .label("lately"),
    sa.func.count()
    .filter(Appointment.starts_at > sa.bindparam("now"), Appointment.status.in_(sorted(UPCOMING)))
    .label("coming"),
    sa.func.count()
    .filter(Appointment.overlaps(sa.bindparam("start"), sa.bindparam("end")), takes_time())
    .label("meanwhile"),
).where(Appointment.patient_id == sa.bindparam("patient_id"))


def visits_of(patient_id: UUID, slot: Slot) -> sa.Row[int, int, int]:
    """How many visits the patient has: booked `lately`, `coming`, and `meanwhile`."""
    now = clock.now()
    asked = {"now": now, "an_hour_ago": now - timedelta(hours=1), "patient_id": patient_id}
    row = db.session.execute(_OF_PATIENT, {**asked, "start": slot.start, "end": slot.end})
    return row.one()


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
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if db.session.scalar(sa.select(Appointment.id).where(Appointment.code == code)) is None:
            return code
