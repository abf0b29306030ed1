"""Visits go to colleagues of the same organisation who are free at the same time."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.appointments.booking import move
from clinic.appointments.errors import NobodyFree
from clinic.appointments.leaving import depending
from clinic.appointments.leaving.depending import Depending
from clinic.appointments.life import guards, scope
from clinic.appointments.life.locking import lock_for_booking
from clinic.appointments.models import Appointment
from clinic.appointments.moving.colleagues import specialities
from clinic.appointments.offer.diary import diaries
from clinic.appointments.offer.practice import practices
from clinic.appointments.reading import lists
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound
from clinic.doctors.models import Doctor
from clinic.patients.models import PatientOrganisation
from clinic.patients.people import service as patients


def hand_over(visits: Sequence[Depending]) -> list[Depending]:
    """Move each to a colleague, the same place and speciality first. Returns who found nobody."""
    if not visits:
        return []
    colleagues = _colleagues(visits[0].organisation_id)
    lock_for_booking(
        colleagues, (one.patient_id for one in visits), (one.id for one in visits)
    )  # fmt: skip
    special = specialities(colleagues)
    spoken_to = _cared_for(visits)
    leaving = {one.doctor_id for one in visits}
    return [
        one
        for one in visits
        if one.patient_id not in spoken_to
        or not _hand_over(one, [key for key in colleagues if key not in leaving], special)
    ]


@transactional
def hand_over_one(appointment_id: UUID, actor: Actor) -> UUID:
    """The same of one visit that its doctor left behind. Returns the visit that took its place.

    Of two at once the first decides: the other is told what became of it. Raises NotFound, also
    for a visit whose doctor works; StepNotPossible, PatientInactive, NobodyFree.
    """
    visit = scope.visible_to(actor, appointment_id)
    # All diaries of the organisation before its visit is looked at again.
    lock_for_booking(_colleagues(visit.organisation_id), [visit.patient_id], [visit.id])
    if guards.is_moved(visit):
        return _what_took_its_place(visit, actor)
    guards.status_after(visit, "reschedule", actor)
    found = depending.visits(Appointment.id == appointment_id, ~_doctor_works())
    if not found:
        raise NotFound
    patients.refuse_inactive(visit.patient_id, visit.organisation_id)
    if hand_over(found):
        raise NobodyFree
    return _what_took_its_place(visit, actor)


def _what_took_its_place(visit: Appointment, actor: Actor) -> UUID:
    now = lists.successor(visit.id, actor)
    if now is None:
        raise NotFound
    return now.id


def _doctor_works() -> sa.ColumnElement[bool]:
    return sa.exists().where(Doctor.id == Appointment.doctor_id, Doctor.is_active)


def _hand_over(visit: Depending, colleagues: Sequence[UUID], special: dict[UUID, set[str]]) -> bool:
    found = practices(colleagues, at_desk=True)
    if not found:
        return False
    day = visit.starts_at.astimezone(next(iter(found.values())).zone).date()
    slots = {key: diary.slot_at(visit.starts_at) for key, diary in diaries(found, day, day).items()}
    free = {key: slot for key, slot in slots.items() if slot and slot.free_seat is not None}
    if not free:
        return False
    same = special.get(visit.doctor_id, set())

    def fit(key: UUID) -> tuple[bool, bool, int]:
        elsewhere = free[key].location_id != visit.location_id
        return elsewhere, not same & special.get(key, set()), key.int

    # The desk of the organisation does it, whoever it was that asked.
    desk = Actor(role=Role.STAFF, organisation_id=visit.organisation_id)
    move.reschedule(visit.id, visit.starts_at, desk, min(free, key=fit))
    return True


def _colleagues(organisation_id: UUID) -> list[UUID]:
    there = sa.select(Doctor.id).where(Doctor.organisation_id == organisation_id)
    return list(db.session.scalars(there.order_by(Doctor.id)))


def _cared_for(visits: Sequence[Depending]) -> set[UUID]:
    """Whose visits may move: nobody books for who died or left."""
    query = sa.select(PatientOrganisation.patient_id).where(
        PatientOrganisation.patient_id.in_([one.patient_id for one in visits]),
        PatientOrganisation.organisation_id == visits[0].organisation_id,
        PatientOrganisation.is_active,
        PatientOrganisation.died_on.is_(None),
    )
    return set(db.session.scalars(query))
