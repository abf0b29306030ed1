"""The one order in which everything a booking depends on is held."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db, must_be_writing
from clinic.doctors import service as doctors_service
from clinic.patients.people import service as patients_service


def lock_for_booking(
    doctors: Iterable[UUID] = (), patients: Iterable[UUID] = (), appointments: Iterable[UUID] = ()
) -> None:
    """Hold everything a booking depends on: doctors first, then patients, then visits, sorted.

    The one order everywhere: two commands that lock late or crosswise deadlock. On SQLite the
    write transaction itself is the lock.
    """
    must_be_writing()
    doctors_service.lock(doctors)
    patients_service.lock(patients)
    ids = sorted(set(appointments))
    if ids:
        # populate_existing: what was read before the wait may be old by now.
        db.session.execute(
            sa.select(Appointment)
            .where(Appointment.id.in_(ids))
            .order_by(Appointment.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).all()
