"""Events and deliveries written by hand, as another release would have left them."""

from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events.models import EventDelivery, EventRow


@transactional
def wait(
    name: str,
    payload: dict[str, str | None],
    *handlers: str,
    topic: str = "appointment.updated",
    organisation_id: UUID | None = None,
) -> None:
    """The event, and one due delivery to each handler."""
    event_id, moment = uuid4(), clock.now()
    db.session.execute(
        sa.insert(EventRow).values(
            id=event_id,
            at=moment,
            name=name,
            topic=topic,
            organisation_id=organisation_id,
            actor_id=None,
            actor_role="patient",
            request_id="0123456789abcdef",
            payload=payload,
        )
    )
    rows = [
        {"id": uuid4(), "event_id": event_id, "handler": one, "due_at": moment, "attempts": 0}
        for one in handlers
    ]
    db.session.execute(sa.insert(EventDelivery), rows)


def about(visit: Appointment, status: str, **more: str) -> dict[str, str | None]:
    """The payload of a visit's step."""
    return {
        "appointment_id": str(visit.id),
        "doctor_id": str(visit.doctor_id),
        "patient_id": str(visit.patient_id),
        "status": status,
        **more,
    }


@transactional
def forget_deliveries() -> None:
    """What this release itself would have had delivered."""
    db.session.execute(sa.delete(EventDelivery))


def deliveries() -> dict[str, EventDelivery]:
    """By handler, as they stand in the database now."""
    db.session.rollback()
    rows = db.session.scalars(sa.select(EventDelivery).execution_options(populate_existing=True))
    return {row.handler: row for row in rows}
