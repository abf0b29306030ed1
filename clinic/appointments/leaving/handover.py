"""Visits go to colleagues of the same organisation who are free at the same time."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.appointments.booking import move
from clinic.appointments.leaving import depending
from clinic.appointments.leaving.depending import Depending
from clinic.appointments.life import scope
from clinic.appointments.life.locking import lock_for_booking
from clinic.appointments.models import Appointment
from clinic.appointments.offer.diary import diaries
from clinic.appointments.offer.practice import practices
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound
from clinic.doctors.models import Doctor, DoctorSpecialisation
from clinic.patients.models import PatientOrganisation


def hand_over(visits: Sequence[Depending]) -> list[Depending]:
    """Move each to a colleague, the same place and speciality first. Returns who found nobody."""
    if not visits:
        return []
    colleagues = _colleagues(visits[0].organisation_id)
    lock_for_booking(
        colleagues, (one.patient_id for one in visits), (one.id for one in visits)
    )  # fmt: skip
    special = _specialities(colleagues)
    spoken_to = _cared_for(visits)
    leaving = {one.doctor_id for one in visits}
    return [
        one
        for one in visits
        if one.patient_id not in spoken_to
        or not _hand_over(one, [key for key in colleagues if key not in leaving], special)
    ]


@transactional
def hand_over_one(appointment_id: UUID, actor: Actor) -> UUID | None:
    """The same of one visit to come. Returns the visit that took its place, if somebody is free.

    Raises NotFound, also for a visit that waits for no decision.
    """
    scope.visible_to(actor, appointment_id)
    found = depending.visits(Appointment.id == appointment_id, ~_doctor_works())
    if not found:
        raise NotFound
    if hand_over(found):
        return None
    new = sa.select(Appointment.id).where(Appointment.rescheduled_from_id == appointment_id)
    return db.session.execute(new).scalar_one()


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


def _specialities(doctor_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    rows = db.session.execute(
        sa.select(DoctorSpecialisation.doctor_id, DoctorSpecialisation.specialisation).where(
            DoctorSpecialisation.doctor_id.in_(list(doctor_ids))
        )
    )
    for doctor_id, slug in rows:
        found.setdefault(doctor_id, set()).add(slug)
    return found


def _cared_for(visits: Sequence[Depending]) -> set[UUID]:
    """Whose visits may move: nobody books for who died or left."""
    query = sa.select(PatientOrganisation.patient_id).where(
        PatientOrganisation.patient_id.in_([one.patient_id for one in visits]),
        PatientOrganisation.organisation_id == visits[0].organisation_id,
        PatientOrganisation.is_active,
        PatientOrganisation.died_on.is_(None),
    )
    return set(db.session.scalars(query))
