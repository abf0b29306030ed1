"""Book the planned visits and take their steps, each at its own moment."""

from datetime import timedelta
from uuid import UUID

from tqdm import tqdm

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.offer import diary, practice
from clinic.appointments.steps import accept
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.demo.build import Clinic, Doctor
from clinic.demo.plan import DAYS_AHEAD, DAYS_BACK, Diary
from clinic.demo.story import DESK, DOCTOR, PATIENT, SYSTEM, Planned, PlannedStep
from clinic.schedules.slots import Slot


def diaries(clinic: Clinic) -> list[Diary]:
    """What the doctors offer in all the weeks, as it looked before them."""
    first = clinic.today - timedelta(days=DAYS_BACK)
    last = clinic.today + timedelta(days=DAYS_AHEAD)
    with clock.travelled(clock.day_bounds(first, clinic.zone)[0]):
        practices = practice.practices([doctor.id for doctor in clinic.doctors], at_desk=True)
        found = diary.diaries(practices, first, last)
        return [_diary(doctor, found[doctor.id].slots(first, last)) for doctor in clinic.doctors]


def _diary(doctor: Doctor, slots: list[Slot]) -> Diary:
    return Diary(
        doctor=doctor.plan,
        slots=slots,
        on_call=frozenset(doctor.on_call),
        by_people=doctor.practice.plan.approval_required,
    )


def book_all(clinic: Clinic, visits: list[Planned]) -> None:
    """Needs a transaction. Shows its progress on a terminal."""
    for visit in tqdm(visits, desc="Demo visits", unit="visit", disable=None):
        _live(clinic, visit)


def _live(clinic: Clinic, visit: Planned) -> None:
    doctor, patient = clinic.doctors[visit.doctor], clinic.patients[visit.patient]
    desk = doctor.practice.desk
    request = BookingRequest(
        doctor_id=doctor.id,
        patient_id=patient.id,
        start=visit.start,
        reason=visit.reason,
        channel=patient.plan.channel,
        source="web" if patient.actor else "staff",
    )
    with clock.travelled(visit.booked_at):
        appointment = booking.book(request, patient.actor or desk)
    actors = {SYSTEM: THE_SYSTEM, DESK: desk, DOCTOR: doctor.actor, PATIENT: patient.actor or desk}
    now, day = clock.now(), visit.start.astimezone(clinic.zone).date()
    dawn = clock.day_bounds(day, clinic.zone)[0]
    for step in visit.steps:
        # Before its day nobody checks in, and whose visit begins at midnight comes early.
        moment = max(step.at, dawn) if step.name == "check_in" else step.at
        if moment > now:
            break
        with clock.travelled(moment):
            _take(appointment.id, step, actors[step.by])


def _take(appointment_id: UUID, step: PlannedStep, actor: Actor) -> None:
    if step.name == "accept" and step.by == SYSTEM:
        # What the background task runs: the task itself then finds nothing left to do.
        accept.accept_booking(appointment_id)
    else:
        steps.take(appointment_id, step.name, actor)
