"""A visit moves: its seat is freed and another one taken, in one transaction."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import MOVE_TO_ANY_TIME
from clinic.appointments.booking import book as booking
from clinic.appointments.booking import situation
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.booking.situation import Wish
from clinic.appointments.errors import TooManyMoves
from clinic.appointments.facts import AppointmentRescheduled
from clinic.appointments.holding import hold
from clinic.appointments.life import guards, scope, telling
from clinic.appointments.life.locking import lock_for_booking
from clinic.appointments.models import MOVED, Appointment
from clinic.appointments.offer.practice import Practice
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.data.trips import writing
from clinic.core.errors import NotFound
from clinic.core.web import live
from clinic.doctors.models import Doctor
from clinic.patients.models import Patient
from clinic.patients.people import service as patients

MOST_MOVES = 5  # of one visit in a day, by its patient and whoever holds its link
DAY = timedelta(days=1)


@transactional
def reschedule(
    appointment_id: UUID, start: datetime, actor: Actor, doctor_id: UUID | None = None
) -> Appointment:
    """Give the visit the lowest free seat of another slot; return the visit that took its place.

    The same time with the same doctor returns the visit as it is. Raises NotFound (also for a
    doctor of another organisation), NotYourStep, StepNotPossible, NoticeTooShort, TooManyMoves,
    SlotNotOffered, SlotTaken, PatientBusy.
    """
    old = scope.visible_to(actor, appointment_id)
    wanted = doctor_id or old.doctor_id
    lock_for_booking([old.doctor_id, wanted], [old.patient_id], [old.id])
    ends_as = guards.status_after(old, "reschedule", actor)
    if (start, wanted) == (old.starts_at, old.doctor_id):
        return old
    guards.refuse_late(old, actor)
    _refuse_many_moves(old, actor)
    patients.refuse_inactive(old.patient_id, old.organisation_id)
    _refuse_elsewhere(wanted, old.organisation_id)
    held_until = None if hold.is_vouched_by(actor) else old.held_until
    _free_seat(old, ends_as)
    new = _take_seat(old, start, wanted, held_until, actor)
    telling.tell(new, AppointmentRescheduled, actor, previous_id=old.id)
    live.ring(f"doctor:{old.doctor_id}", "board")
    return new


def _refuse_many_moves(old: Appointment, actor: Actor) -> None:
    """Each move writes to the patient's address, whoever that is. The clinic's people may go on.

    The patient is locked: however many moves come at once, each sees those before it.
    """
    if not actor.is_patient:
        return
    now = clock.now()
    moves = db.session.scalars(_moves_since(old, now - DAY)).all()
    if len(moves) >= MOST_MOVES:
        wait = moves[MOST_MOVES - 1] + DAY - now
        raise TooManyMoves(int(wait.total_seconds()) + 1)


def _moves_since(visit: Appointment, since: datetime) -> sa.Select[datetime]:
    """When the patient's side moved it, the latest first: where it came from, and that from."""
    columns = (Appointment.rescheduled_from_id, Appointment.booked_by, Appointment.created_at)
    is_late = Appointment.created_at > since
    moves = sa.select(*columns).where(Appointment.id == visit.id, is_late).cte(recursive=True)
    before = Appointment.id == moves.c.rescheduled_from_id
    moves = moves.union_all(sa.select(*columns).where(before, is_late))
    owner = sa.select(Patient.user_id).where(Patient.id == visit.patient_id).scalar_subquery()
    return (
        sa.select(moves.c.created_at)
        .where(
            moves.c.rescheduled_from_id.is_not(None),
            sa.or_(moves.c.booked_by.is_(None), moves.c.booked_by == owner),  # a link is nobody's
        )
        .order_by(moves.c.created_at.desc())
    )


def _refuse_elsewhere(doctor_id: UUID, organisation_id: UUID) -> None:
    place = db.session.scalar(sa.select(Doctor.organisation_id).where(Doctor.id == doctor_id))
    if place != organisation_id:
        raise NotFound


def _free_seat(old: Appointment, ends_as: Status) -> None:
    old.status = ends_as
    old.cancel_reason = MOVED
    old.held_until = None
    old.version += 1
    old.updated_at = clock.now()
    # Before anything is asked about the new time: it may overlap the old one.
    db.session.flush()


def _take_seat(
    old: Appointment, start: datetime, doctor_id: UUID, held_until: datetime | None, actor: Actor
) -> Appointment:
    wish = Wish(doctor_id, old.patient_id, start, at_desk=actor.may(MOVE_TO_ANY_TIME))
    found = situation.seen(wish, actor)
    practice, slot = booking.offered(found)
    booking.refuse_taken(slot, found)
    same = BookingRequest(doctor_id, old.patient_id, start, old.reason, old.channel, old.source)
    new = booking.visit_in(slot, same, practice, actor)
    new.status = _status_of(practice, held_until, actor)
    new.rescheduled_from_id = old.id
    new.held_until = held_until
    writing.add(new, booking.TAKEN)
    return new


def _status_of(practice: Practice, held_until: datetime | None, actor: Actor) -> Status:
    """Where people approve, a time that only the patient chose is a request again. Elsewhere who
    chose it comes, unless it still waits for their code.
    """
    if not actor.is_patient:
        return Status.SCHEDULED
    if practice.approval_required:
        return Status.PENDING
    return Status.SCHEDULED if held_until else Status.CONFIRMED
