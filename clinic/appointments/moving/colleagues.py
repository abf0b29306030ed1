"""Who could see the patient whose doctor left: colleagues with free times, the likeliest first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.offer.next_free import next_free
from clinic.appointments.offer.practice import practices
from clinic.appointments.reading.visit import Visit
from clinic.core.data.db import db
from clinic.doctors.models import Doctor, DoctorSpecialisation

MOST = 50  # colleagues that are looked at


@dataclass(frozen=True, slots=True)
class Colleague:
    id: UUID
    name: str
    specialities: tuple[str, ...]  # slugs
    is_same: bool  # shares a speciality with the doctor who left
    next_free: datetime  # from the day of the visit on


def colleagues(visit: Visit, at_desk: bool) -> list[Colleague]:
    """Those of the same speciality first, of them who is free soonest from the visit's day on.

    Nobody for a visit whose doctor still works.
    """
    if not visit.is_left:
        return []
    there = sa.select(Doctor.id).where(
        Doctor.organisation_id == visit.organisation_id, Doctor.is_active
    )
    found = practices(db.session.scalars(there.order_by(Doctor.sort_name).limit(MOST)), at_desk)
    free = next_free(found, many=1, since=visit.starts_on)
    special = specialities([*found, visit.doctor_id])
    same = special.get(visit.doctor_id, set())
    able = [
        Colleague(
            key,
            found[key].name,
            tuple(sorted(special.get(key, ()))),
            bool(same & special.get(key, set())),
            slots[0].start,
        )
        for key, slots in free.items()
        if slots
    ]
    return sorted(able, key=lambda one: (not one.is_same, one.next_free, one.name))


def specialities(doctor_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """Slugs by doctor."""
    found: dict[UUID, set[str]] = {}
    rows = db.session.execute(
        sa.select(DoctorSpecialisation.doctor_id, DoctorSpecialisation.specialisation).where(
            DoctorSpecialisation.doctor_id.in_(list(doctor_ids))
        )
    )
    for doctor_id, slug in rows:
        found.setdefault(doctor_id, set()).add(slug)
    return found
