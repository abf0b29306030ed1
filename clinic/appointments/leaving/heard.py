"""NOW, with the act itself: visits that depend on who or what is no more are settled, or the act
is refused. Whoever acts said in the fact what becomes of them."""

from collections.abc import Sequence

import sqlalchemy as sa

from clinic.access.roles import HAVE_PROFILE, may
from clinic.accounts.facts import UserDeactivated, UserRoleChanged
from clinic.appointments.leaving import depending
from clinic.appointments.leaving.depending import Depending
from clinic.appointments.leaving.settle import (
    CLOSED,
    DOCTOR_LEFT,
    HOURS_ENDED,
    MOVE,
    PATIENT_DIED,
    PATIENT_LEFT,
    PLACE_CLOSED,
    STAYING,
    WAYS,
    settle,
)
from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.doctors import service as doctors
from clinic.doctors.models import Doctor
from clinic.organisations.errors import NotThatWay, PlaceInUse
from clinic.organisations.facts import LocationClosed, OrganisationClosed
from clinic.patients.facts import PatientGone
from clinic.schedules import lists, places
from clinic.schedules.facts import ScheduleUpdated, ScheduleWithdrawn
from clinic.schedules.models import Schedule


def on_user_changed(fact: UserDeactivated | UserRoleChanged) -> None:
    """A doctor who leaves, or works as something else from now on."""
    if isinstance(fact, UserRoleChanged) and may(fact.role, HAVE_PROFILE):
        return
    mine = sa.select(Doctor.organisation_id).where(Doctor.user_id == fact.user_id)
    whom = Doctor.user_id == fact.user_id
    if fact.visits == MOVE:  # between all of them: held in one order
        whom = Doctor.organisation_id.in_(mine)
    held = doctors.raise_versions(whom)
    if not held:
        return
    theirs = sa.select(Doctor.id).where(Doctor.user_id == fact.user_id)
    settle(lambda: depending.visits(Appointment.doctor_id.in_(theirs)), fact.visits, DOCTOR_LEFT)


def on_organisation_closed(fact: OrganisationClosed) -> None:
    """All its diaries are held by the command."""
    there = Appointment.organisation_id == fact.organisation_id
    settle(lambda: depending.visits(there), fact.visits, CLOSED, STAYING)


def on_location_closed(fact: LocationClosed) -> None:
    """All diaries of the organisation are held by the command.

    The hours end with it, before visits move: nobody is handed over to the place that closes.
    """
    if fact.visits not in (None, *WAYS):
        raise NotThatWay(WAYS)
    ended = places.end_hours_at(fact.location_id)
    found = depending.visits(Appointment.location_id == fact.location_id)
    if fact.visits is None and found:
        raise PlaceInUse(ended.still_planned, len(found), depending.first(found), WAYS)
    # Doctor by doctor: those of one may go to another whose visits move, too.
    for doctor_id in sorted({one.doctor_id for one in found}):
        theirs = [one for one in found if one.doctor_id == doctor_id]
        settle(theirs.copy, fact.visits, PLACE_CLOSED)
    places.say_ended(ended)


def on_window_changed(fact: ScheduleUpdated | ScheduleWithdrawn) -> None:
    """The diary is held by the command; of a move, those of the colleagues too."""

    def left_behind() -> Sequence[Depending]:
        window = db.session.get_one(Schedule, fact.schedule_id)
        return depending.visits(depending.of([one.id for one in lists.left_behind(window)]))

    settle(left_behind, fact.visits, HOURS_ENDED)


def on_patient_gone(fact: PatientGone) -> None:
    """The patient is held by the command, and the diaries of whom they come to."""
    theirs = (
        Appointment.patient_id == fact.patient_id,
        Appointment.organisation_id == fact.organisation_id,
    )
    reason = PATIENT_DIED if fact.why == "died" else PATIENT_LEFT
    settle(lambda: depending.visits(*theirs), fact.visits, reason, STAYING)
