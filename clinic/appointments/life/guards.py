"""What every step asks first: from this status, by this person, in time?"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import BOUND_BY_NOTICE
from clinic.appointments.errors import (
    DoctorLeft,
    NoticeTooShort,
    NotYourStep,
    PatientBusy,
    SlotTaken,
    StepNotPossible,
    TooEarly,
)
from clinic.appointments.life import conflicts, lifecycle
from clinic.appointments.life.lifecycle import By
from clinic.appointments.models import MOVED, Appointment
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import N_
from clinic.doctors.models import Doctor
from clinic.organisations.models import Organisation, OrganisationSettings


def status_after(visit: Appointment, step: str, actor: Actor) -> Status:
    """Raises NotYourStep, StepNotPossible."""
    before = Status(visit.status_before) if visit.status_before else None
    try:
        return lifecycle.advance(Status(visit.status), step, By(actor.role), before=before)
    except lifecycle.NotYours:
        raise NotYourStep from None
    except lifecycle.IllegalStep:
        raise StepNotPossible(visit.status, step, was_moved=is_moved(visit)) from None


def is_moved(visit: Appointment) -> bool:
    """Did it end because another visit took its place?"""
    return visit.cancel_reason == MOVED


def refuse_late(visit: Appointment, actor: Actor) -> None:
    """A patient cancels or moves a visit until the notice limit. Raises NoticeTooShort."""
    if not actor.may(BOUND_BY_NOTICE):
        return
    notice = db.session.execute(
        sa.select(OrganisationSettings.cancel_notice_minutes).where(
            OrganisationSettings.organisation_id == visit.organisation_id
        )
    ).scalar_one()
    if not lifecycle.can_cancel(visit.starts_at, clock.now(), notice):
        raise NoticeTooShort


def refuse_before_its_day(step: str) -> Callable[[Appointment, Actor], None]:
    """The check of a step that only people who are here can take. It raises TooEarly."""

    def check(visit: Appointment, actor: Actor) -> None:
        if not lifecycle.has_come(visit.starts_at, clock.now(), _zone(visit)):
            raise TooEarly(visit.status, step)

    return check


def refuse_early_no_show(visit: Appointment, actor: Actor) -> None:
    refuse_before_its_day("no_show")(visit, actor)
    if clock.now() < visit.starts_at:
        raise StepNotPossible(visit.status, "no_show")


def refuse_late_undo(visit: Appointment, actor: Actor) -> None:
    """A completed visit is taken back for some minutes only. Raises StepNotPossible."""
    if not lifecycle.is_undoable_completion(visit.finished_at, clock.now()):
        raise StepNotPossible(visit.status, "undo_complete")


def refuse_stale_undo(visit: Appointment, actor: Actor) -> None:
    """A no-show is taken back the same day, while its seat and the patient are still free."""
    if not lifecycle.is_undoable_no_show(visit.starts_at, clock.now(), _zone(visit)):
        raise StepNotPossible(visit.status, "undo_no_show")
    if visit.seat is not None and conflicts.seat_is_taken(visit):
        raise SlotTaken(N_("The seat was given to somebody else in the meantime."))
    if conflicts.patient_is_busy(visit.patient_id, visit.starts_at, visit.ends_at, but=visit.id):
        raise PatientBusy


def _zone(visit: Appointment) -> ZoneInfo:
    query = sa.select(Organisation.timezone).where(Organisation.id == visit.organisation_id)
    return clock.zone(db.session.execute(query).scalar_one())


def refuse_without_doctor(visit: Appointment, actor: Actor) -> None:
    """Nobody is told to come to a doctor who left. Raises DoctorLeft."""
    works = sa.select(Doctor.is_active).where(Doctor.id == visit.doctor_id)
    if not db.session.execute(works).scalar_one():
        raise DoctorLeft
