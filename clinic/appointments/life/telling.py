"""A step becomes an event, and the boards ring."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.facts import VisitFact
from clinic.appointments.models import Appointment
from clinic.core.web import live
from clinic.events.service import record_all

# What is told of every step, in rows of statements that move many visits.
TOLD: tuple[Any, ...] = (
    Appointment.id,
    Appointment.organisation_id,
    Appointment.doctor_id,
    Appointment.patient_id,
    Appointment.status,
)


def tell(
    visit: Appointment, kind: type[VisitFact], actor: Actor, **particulars: str | UUID | None
) -> None:
    """Record the step and ring the boards that show the visit.

    `particulars` are the fields that this kind of fact has beside those of every step.
    """
    tell_all([visit], kind, actor, **particulars)


def tell_all(
    visits: Sequence[Appointment | sa.Row[Any]],
    kind: type[VisitFact],
    actor: Actor,
    **particulars: str | UUID | None,
) -> None:
    """The same of many visits, or of rows of `TOLD`, that took the same step."""
    record_all([_fact(visit, kind, particulars) for visit in visits], actor)
    for doctor_id in {visit.doctor_id for visit in visits}:
        live.ring(f"doctor:{doctor_id}", "board")
    for organisation_id in {visit.organisation_id for visit in visits}:
        live.ring(f"organisation:{organisation_id}", "board")


def _fact(
    visit: Appointment | sa.Row[Any], kind: type[VisitFact], particulars: dict[str, Any]
) -> VisitFact:
    fields: dict[str, Any] = {
        "organisation_id": visit.organisation_id,
        "appointment_id": visit.id,
        "doctor_id": visit.doctor_id,
        "patient_id": visit.patient_id,
        "status": str(visit.status),
        **particulars,
    }
    return kind(**fields)
