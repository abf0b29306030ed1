"""A step becomes an event, and the boards ring."""

from clinic.access.actor import Actor
from clinic.appointments.models import Appointment
from clinic.core.web import live
from clinic.events.names import Event
from clinic.events.service import record


def tell(visit: Appointment, event: Event, actor: Actor, **more: str | None) -> None:
    """Record the step and ring the boards that show the visit."""
    record(
        event,
        actor,
        visit.organisation_id,
        appointment_id=visit.id,
        doctor_id=visit.doctor_id,
        patient_id=visit.patient_id,
        status=str(visit.status),
        **more,
    )
    live.ring(f"doctor:{visit.doctor_id}", "board")
    live.ring(f"organisation:{visit.organisation_id}", "board")
