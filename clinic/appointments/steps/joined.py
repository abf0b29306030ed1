"""Two records of one person became one: the visits are those of the record that stays."""

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.core.web import live
from clinic.patients.facts import PatientJoined


def on_joined(fact: PatientJoined) -> None:
    """NOW, with the act: diaries and both people are held, and no two visits are at one time.

    Codes, links and what was promised stay as they are. Boards that name somebody ring.
    """
    moved = db.session.execute(
        sa.update(Appointment)
        .where(Appointment.patient_id == fact.joined_id)
        .values(patient_id=fact.patient_id)
        .returning(Appointment.doctor_id, Appointment.organisation_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    rings = {f"doctor:{one.doctor_id}" for one in moved}
    rings |= {f"organisation:{one.organisation_id}" for one in moved}
    for ring in sorted(rings):
        live.ring(ring, "board")
