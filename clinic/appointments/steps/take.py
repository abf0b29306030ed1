"""The steps of a visit after booking: each one a locked, recorded change of status."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from clinic.access.actor import Actor
from clinic.access.roles import SYSTEM, Role
from clinic.appointments.errors import NotYourStep, StepNotPossible
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
from clinic.appointments.life import guards, lifecycle, scope
from clinic.appointments.life.lifecycle import By
from clinic.appointments.life.locking import lock_for_booking
from clinic.appointments.life.telling import tell
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import ACTIVE, UPCOMING, Status
from clinic.core import clock
from clinic.core.data.db import db, transactional

FACTS: dict[str, type[VisitFact]] = {
    "accept": AppointmentAccepted,
    "confirm": AppointmentConfirmed,
    "cancel": AppointmentCancelled,
    "check_in": AppointmentCheckedIn,
    "start": AppointmentStarted,
    "complete": AppointmentCompleted,
    "no_show": AppointmentMissed,
    "undo_check_in": AppointmentUndone,
    "undo_start": AppointmentUndone,
    "undo_complete": AppointmentUndone,
    "undo_no_show": AppointmentUndone,
}
_STAMPS = {"check_in": "checked_in_at", "start": "started_at", "complete": "finished_at"}
_UNDONE_STAMPS = {f"undo_{step}": column for step, column in _STAMPS.items()}
_REMEMBERED = ("check_in", "no_show")  # what their undo gives back must be kept
_BETWEEN = ("start", "complete", "undo_start", "undo_complete")  # keep what was remembered
CANCELLED_BY = {Role.PATIENT: "by_patient", Role.DOCTOR: "by_doctor", SYSTEM: "by_system"}
BY_REPLY = "by_reply"  # the answer to the text tells the number that it came from


@transactional
def take(appointment_id: UUID, step: str, actor: Actor) -> Appointment:
    """Move a visit one step. Raises NotFound, StepNotPossible (409), NotYourStep (403) and
    what the step itself refuses: NoticeTooShort, TooEarly, SlotTaken, PatientBusy,
    DoctorLeft.
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
    if step not in _BETWEEN:
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


def undo(appointment_id: UUID, actor: Actor, of: str = "") -> Appointment:
    """Take back what the visit stands in: a check-in, a start, a completion or a no-show.

    `of` names the step that is meant, so that an old offer to undo never takes back what a
    colleague did since. Raises what `take` raises.
    """
    visit = scope.visible_to(actor, appointment_id)
    step = lifecycle.UNDO.get(Status(visit.status), "undo_check_in")
    if of and step != f"undo_{of}":
        raise StepNotPossible(visit.status, f"undo_{of}", guards.is_moved(visit))
    return take(appointment_id, step, actor)


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


_CHECKS: dict[str, Callable[[Appointment, Actor], None]] = {
    "cancel": guards.refuse_late,
    "confirm": guards.refuse_without_doctor,
    "check_in": guards.refuse_before_its_day("check_in"),
    "start": guards.refuse_before_its_day("start"),
    "complete": guards.refuse_before_its_day("complete"),
    "no_show": guards.refuse_early_no_show,
    "undo_complete": guards.refuse_late_undo,
    "undo_no_show": guards.refuse_stale_undo,
}


def _cancelled_by(actor: Actor) -> str:
    return BY_REPLY if actor.via == "reply" else CANCELLED_BY.get(actor.role, "by_staff")


def _stamp(visit: Appointment, step: str) -> None:
    moment: datetime | None = clock.now()
    if step in _STAMPS:
        setattr(visit, _STAMPS[step], moment)
    elif step in _UNDONE_STAMPS:
        setattr(visit, _UNDONE_STAMPS[step], None)


def _particulars(step: str, visit: Appointment, was: Status) -> dict[str, str | None]:
    if step == "cancel":
        return {"reason": visit.cancel_reason}
    if step.startswith("undo_"):
        return {"was": str(was)}
    return {}
