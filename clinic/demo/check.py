"""Read the demo clinic back from the database and trust nothing that was only meant to be."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import ACTIVE, Status
from clinic.core import clock
from clinic.core.data.db import db
from clinic.demo.report import Counts, Report
from clinic.doctors.models import Doctor
from clinic.events import queries as events
from clinic.organisations.models import Organisation
from clinic.patients.models import Patient
from clinic.schedules import queries as schedules
from clinic.schedules.slots import Window, closing, instant

MOST_PROBLEMS = 20


def read_back(asked: Counts) -> Report:
    db.session.rollback()
    visits = _visits()
    doctors = db.session.scalars(sa.select(Doctor.id)).all()
    patients = db.session.scalar(sa.select(sa.func.count(Patient.id))) or 0
    found = Counts(len(doctors), patients, len(visits))
    of_doctor = Counter(visit.doctor_id for visit in visits)
    by_status = Counter(visit.status for visit in visits)
    problems = [
        *_wrong_counts(asked, found),
        *(f"no visit is {status}" for status in Status if not by_status[status]),
        *_doubles("one seat", visits, lambda visit: (visit.doctor_id, visit.seat)),
        *_doubles("one patient", visits, lambda visit: (visit.patient_id,)),
        *_outside_hours(visits),
        *_waiting(),
    ]
    return Report(
        generated_at=clock.now(),
        counts=found,
        per_doctor={
            "min": min((of_doctor[doctor] for doctor in doctors), default=0),
            "max": max((of_doctor[doctor] for doctor in doctors), default=0),
        },
        by_status={str(status): by_status[status] for status in Status},
        problems=problems[:MOST_PROBLEMS],
    )


def _visits() -> Sequence[sa.Row]:
    return db.session.execute(
        sa.select(
            Appointment.code,
            Appointment.doctor_id,
            Appointment.patient_id,
            Appointment.schedule_id,
            Appointment.starts_at,
            Appointment.ends_at,
            Appointment.seat,
            Appointment.status,
            Organisation.timezone,
        ).join(Organisation, Organisation.id == Appointment.organisation_id)
    ).all()


def _wrong_counts(asked: Counts, found: Counts) -> Iterator[str]:
    for what in ("doctors", "patients", "appointments"):
        wanted, there = getattr(asked, what), getattr(found, what)
        if wanted != there:
            yield f"{there} {what} instead of {wanted}"


def _doubles(
    what: str, visits: Sequence[sa.Row], key: Callable[[sa.Row], tuple[Any, ...]]
) -> Iterator[str]:
    """Active visits of the same key that overlap."""
    active = [visit for visit in visits if visit.status in ACTIVE]
    active.sort(key=lambda visit: (*key(visit), visit.starts_at))
    for _, group in groupby(active, key):
        for one, other in pairwise(group):
            if other.starts_at < one.ends_at:
                yield f"{one.code} and {other.code} overlap for {what}"


def _outside_hours(visits: Sequence[sa.Row]) -> Iterator[str]:
    found = schedules.windows_of({visit.doctor_id for visit in visits})
    windows = {window.id: window for of_doctor in found.values() for window in of_doctor}
    for visit in visits:
        window = windows.get(visit.schedule_id)
        if window is None or not _is_inside(visit, window):
            yield f"{visit.code} is outside the doctor's hours"


def _is_inside(visit: sa.Row, window: Window) -> bool:
    zone = clock.zone(visit.timezone)
    day = visit.starts_at.astimezone(zone).date()
    opens, closes = instant(day, window.start, zone), closing(day, window.end, zone)
    return (
        window.happens_on(day)
        and window.doctor_id == visit.doctor_id
        and opens <= visit.starts_at
        and visit.ends_at <= closes
    )


def _waiting() -> Iterator[str]:
    """What the outbox still holds, or has given up."""
    words = {
        "event_deliveries_waiting": "events still wait to be delivered",
        "event_deliveries_set_aside": "events could not be delivered",
        "background_tasks_waiting": "background tasks still wait",
        "background_tasks_failed": "background tasks failed",
    }
    gauges = events.gauges()
    for gauge, text in words.items():
        if gauges[gauge]:
            yield f"{gauges[gauge]:.0f} {text}"
