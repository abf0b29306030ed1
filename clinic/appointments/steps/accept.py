"""A booking is accepted by the worker, unless people must."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.facts import AppointmentAccepted, AppointmentCreated
from clinic.appointments.life.telling import TOLD, tell_all
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_
from clinic.events import tasks
from clinic.events.tasks import TaskFailed
from clinic.organisations.models import OrganisationSettings

ACCEPT_TASK = "accept_booking"


def on_created(facts: Sequence[AppointmentCreated]) -> None:
    """LATER: have the worker accept the bookings, unless people must."""
    places = {fact.organisation_id for fact in facts}
    by_people = set(
        db.session.scalars(
            sa.select(OrganisationSettings.organisation_id).where(
                OrganisationSettings.organisation_id.in_(places),
                OrganisationSettings.approval_required,
            )
        )
    )
    alone = {
        fact.appointment_id: fact.organisation_id
        for fact in facts
        if fact.organisation_id not in by_people
    }
    tasks.enqueue_all(ACCEPT_TASK, alone)


def accept_booking(appointment_id: UUID) -> None:
    accept_bookings([appointment_id])


@transactional
def accept_bookings(appointment_ids: Sequence[UUID]) -> None:
    """The background task: pending becomes scheduled; anything but pending is left as it is.

    Raises TaskFailed when a visit has vanished.
    """
    # Locked in one order, or two that move many visits deadlock.
    held = sa.select(Appointment.id).where(among(Appointment.id, appointment_ids))
    found = db.session.scalars(held.order_by(Appointment.id).with_for_update(key_share=True)).all()
    if len(found) < len(set(appointment_ids)):
        raise TaskFailed(N_("the appointment no longer exists"))
    accepted = (
        sa.update(Appointment)
        .where(among(Appointment.id, found), Appointment.status == Status.PENDING)
        .values(status=Status.SCHEDULED, version=Appointment.version + 1, updated_at=clock.now())
        .returning(*TOLD)
        .execution_options(synchronize_session=False)
    )
    tell_all(db.session.execute(accepted).all(), AppointmentAccepted, THE_SYSTEM)
