"""A booking is accepted by the worker, unless people must."""

from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.facts import AppointmentAccepted, AppointmentCreated
from clinic.appointments.life.telling import tell
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_
from clinic.events import tasks
from clinic.events.tasks import TaskFailed
from clinic.organisations.models import OrganisationSettings

ACCEPT_TASK = "accept_booking"


def on_created(fact: AppointmentCreated) -> None:
    """Have the worker accept the booking, unless people must."""
    approval = db.session.scalar(
        sa.select(OrganisationSettings.approval_required).where(
            OrganisationSettings.organisation_id == fact.organisation_id
        )
    )
    if not approval:
        tasks.enqueue(ACCEPT_TASK, fact.appointment_id, fact.organisation_id)


@transactional
def accept_booking(appointment_id: UUID) -> None:
    """The background task: pending becomes scheduled; anything but pending is left as it is.

    Raises TaskFailed when the visit has vanished.
    """
    moved = db.session.execute(
        sa.update(Appointment)
        .where(Appointment.id == appointment_id, Appointment.status == Status.PENDING)
        .values(status=Status.SCHEDULED, version=Appointment.version + 1, updated_at=clock.now())
    )
    visit = db.session.get(Appointment, appointment_id, populate_existing=True)
    if visit is None:
        raise TaskFailed(N_("the appointment no longer exists"))
    if moved.rowcount:  # type: ignore[attr-defined]
        tell(visit, AppointmentAccepted, THE_SYSTEM)
