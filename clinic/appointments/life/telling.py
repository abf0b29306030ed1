"""A step becomes an event, and the boards ring."""

from typing import Any
from uuid import UUID

from clinic.access.actor import Actor
from clinic.appointments.facts import VisitFact
from clinic.appointments.models import Appointment
from clinic.core.web import live
from clinic.events.service import record


def tell(
    visit: Appointment, kind: type[VisitFact], actor: Actor, **particulars: str | UUID | None
) -> None:
    """Record the step and ring the boards that show the visit.

    `particulars` are the fields that this kind of fact has beside those of every step.
    """
    fields: dict[str, Any] = {
        "organisation_id": visit.organisation_id,
        "appointment_id": visit.id,
        "doctor_id": visit.doctor_id,
        "patient_id": visit.patient_id,
        "status": str(visit.status),
        **particulars,
    }
    record(kind(**fields), actor)
    live.ring(f"doctor:{visit.doctor_id}", "board")
    live.ring(f"organisation:{visit.organisation_id}", "board")
