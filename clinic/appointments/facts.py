"""The steps of a visit, as the rooms above hear of them."""

from dataclasses import dataclass
from uuid import UUID

from clinic.events.fact import Fact, fact

UPDATED = "appointment.updated"  # the topic that every step after the booking has


@dataclass(frozen=True, kw_only=True)
class VisitFact(Fact):
    appointment_id: UUID
    doctor_id: UUID
    patient_id: UUID
    status: str  # after the step


@fact("appointment.created")
class AppointmentCreated(VisitFact):
    pass


@fact("appointment.accepted", topic=UPDATED)
class AppointmentAccepted(VisitFact):
    pass


@fact("appointment.confirmed", topic=UPDATED)
class AppointmentConfirmed(VisitFact):
    pass


@fact("appointment.cancelled", topic=UPDATED)
class AppointmentCancelled(VisitFact):
    # by_patient, by_doctor, by_staff, by_system, by_reply, not_accepted, not_proven, not_theirs,
    # doctor_left, organisation_closed, place_closed, hours_ended, patient_died, patient_left
    reason: str | None


@fact("appointment.rescheduled", topic=UPDATED)
class AppointmentRescheduled(VisitFact):
    """Of the new visit, which took the place of the previous one."""

    previous_id: UUID


@fact("appointment.checked_in", topic=UPDATED)
class AppointmentCheckedIn(VisitFact):
    pass


@fact("appointment.started", topic=UPDATED)
class AppointmentStarted(VisitFact):
    pass


@fact("appointment.completed", topic=UPDATED)
class AppointmentCompleted(VisitFact):
    pass


@fact("appointment.no_show", topic=UPDATED)
class AppointmentMissed(VisitFact):
    pass


@fact("appointment.undone", topic=UPDATED)
class AppointmentUndone(VisitFact):
    """A check-in, a start, a completion or a no-show was taken back."""

    was: str  # the status before
