"""The steps of a visit after booking: each one a locked, recorded change of status."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import SYSTEM, Role
from clinic.appointments.errors import NotYourStep, PatientBusy, SlotTaken, StepNotPossible
from clinic.appointments.facts import (
    AppointmentAccepted,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentCompleted,
    AppointmentConfirmed,
    AppointmentMissed,
    AppointmentStarted,
    AppointmentUndone,
    VisitFact,
)
from clinic.appointments.holding import hold
from clinic.appointments.life import conflicts, guards, lifecycle, scope
from clinic.appointments.life.lifecycle import By
from clinic.appointments.life.locking import lock_for_booking
from clinic.appointments.life.telling import tell
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import ACTIVE, UPCOMING, Status
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_
from clinic.organisations.models import Organisation

FACTS: dict[str, type[VisitFact]] = {
    "accept": AppointmentAccepted,
    "confirm": AppointmentConfirmed,
    "cancel": AppointmentCancelled,
    "check_in": AppointmentCheckedIn,
    "start": AppointmentStarted,
    "complete": AppointmentCompleted,
    "no_show": AppointmentMissed,
    "undo_check_in": AppointmentUndone,
    "undo_no_show": AppointmentUndone,
}
_STAMPS = {"check_in": "checked_in_at", "start": "started_at", "complete": "finished_at"}
_REMEMBERED = ("check_in", "no_show")  # the steps that an undo takes back
CANCELLED_BY = {Role.PATIENT: "by_patient", Role.DOCTOR: "by_doctor", SYSTEM: "by_system"}
BY_REPLY = "by_reply"  # the answer to the text tells the number that it came from


@transactional
def take(appointment_id: UUID, step: str, actor: Actor) -> Appointment:
    """Move a visit one step. Raises NotFound, StepNotPossible (409), NotYourStep (403) and
    what the step itself refuses: NoticeTooShort, SlotTaken, PatientBusy.
    """
    visit = _locked(
        appointment_id,
        actor,
        frees=lifecycle.gives_up_seat(step),
        takes=lifecycle.takes_seat_again(step),
    )
    was = Status(visit.status)
    target = guards.status_after(visit, step, actor)
    check = _CHECKS.get(step)
    if check:
        check(visit, actor)
    visit.status = target
    visit.status_before = was if step in _REMEMBERED else None
    if target not in UPCOMING or hold.is_vouched_by(actor):
        visit.held_until = None
    visit.version += 1
    visit.updated_at = clock.now()
    _stamp(visit, step)
    if step == "cancel":
        visit.cancel_reason = _cancelled_by(actor)
    db.session.flush()
    tell(visit, FACTS[step], actor, **_particulars(step, visit, was))
    return visit


def undo(appointment_id: UUID, actor: Actor) -> Appointment:
    """Take back a check-in or a no-show, whichever the visit is in."""
    status = scope.visible_to(actor, appointment_id).status
    return take(
        appointment_id, "undo_no_show" if status == Status.NO_SHOW else "undo_check_in", actor
    )


@transactional
def take_to(appointment_id: UUID, status: Status, actor: Actor) -> Appointment:
    """Take every step that leads to `status`, in one transaction; none when it stands there.

    Raises what `take` raises.
    """
    visit = _locked(appointment_id, actor, frees=status not in ACTIVE)
    try:
        steps = lifecycle.way_to(Status(visit.status), status, By(actor.role))
    except lifecycle.NotYours:
        raise NotYourStep from None
    except lifecycle.IllegalStep as error:
        raise StepNotPossible(visit.status, error.step, guards.is_moved(visit)) from None
    for step in steps:
        take(appointment_id, step, actor)
    return visit


def _locked(
    appointment_id: UUID, actor: Actor, frees: bool = False, takes: bool = False
) -> Appointment:
    """With the diary, where a seat of it becomes free or taken by the step."""
    visit = scope.visible_to(actor, appointment_id)
    lock_for_booking(
        doctors=[visit.doctor_id] if frees or takes else (),
        patients=[visit.patient_id] if takes else (),
        appointments=[visit.id],
    )
    return visit


def _refuse_stale_undo(visit: Appointment, actor: Actor) -> None:
    """A no-show is taken back the same day, while its seat and the patient are still free."""
    zone = clock.zone(
        db.session.execute(
            sa.select(Organisation.timezone).where(Organisation.id == visit.organisation_id)
        ).scalar_one()
    )
    if not lifecycle.is_undoable_no_show(visit.starts_at, clock.now(), zone):
        raise StepNotPossible(visit.status, "undo_no_show")
    if visit.seat is not None and conflicts.seat_is_taken(visit):
        raise SlotTaken(N_("The seat was given to somebody else in the meantime."))
    if conflicts.patient_is_busy(visit.patient_id, visit.starts_at, visit.ends_at, but=visit.id):
        raise PatientBusy


def _refuse_early_no_show(visit: Appointment, actor: Actor) -> None:
    if clock.now() < visit.starts_at:
        raise StepNotPossible(visit.status, "no_show")


_CHECKS: dict[str, Callable[[Appointment, Actor], None]] = {
    "cancel": guards.refuse_late,
    "undo_no_show": _refuse_stale_undo,
    "no_show": _refuse_early_no_show,
}


def _cancelled_by(actor: Actor) -> str:
    return BY_REPLY if actor.via == "reply" else CANCELLED_BY.get(actor.role, "by_staff")


def _stamp(visit: Appointment, step: str) -> None:
    moment: datetime | None = clock.now()
    if step in _STAMPS:
        setattr(visit, _STAMPS[step], moment)
    elif step == "undo_check_in":
        visit.checked_in_at = None


def _particulars(step: str, visit: Appointment, was: Status) -> dict[str, str | None]:
    if step == "cancel":
        return {"reason": visit.cancel_reason}
    if step.startswith("undo_"):
        return {"was": str(was)}
    return {}
