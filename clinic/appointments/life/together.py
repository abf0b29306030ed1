"""Many visits change their status in one statement, each only if it still may."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.facts import VisitFact
from clinic.appointments.life.telling import TOLD, tell_all
from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db, must_be_writing
from clinic.doctors.models import Doctor
from clinic.doctors.service import raise_versions


def change_together(
    rows: Sequence[Any],
    still: Sequence[sa.ColumnElement[bool]],
    values: dict[str, Any],
    kind: type[VisitFact],
    passes_by: bool = False,
    **more: str,
) -> int:
    """Give the visits of `rows` (id, doctor_id) the `values`, free their seats and tell. Returns
    how many.

    `still`: what must hold of each in that moment. With `passes_by` a visit that somebody is at
    right now is not waited for.
    """
    must_be_writing()
    if not rows:
        return 0
    # Diaries before visits, as everywhere: seats become free in them.
    raise_versions(among(Doctor.id, {row.doctor_id for row in rows}))
    held = (
        sa.select(Appointment.id)
        .where(among(Appointment.id, [row.id for row in rows]), *still)
        .order_by(Appointment.id)
        .with_for_update(key_share=True, skip_locked=passes_by)
    )
    changed = (
        sa.update(Appointment)
        .where(Appointment.id.in_(held), *still)
        .values(
            **values,
            held_until=None,
            version=Appointment.version + 1,
            updated_at=clock.now(),
        )
        .returning(*TOLD)
        .execution_options(synchronize_session="fetch")
    )
    visits = db.session.execute(changed).all()
    tell_all(visits, kind, THE_SYSTEM, **more)
    return len(visits)
