"""The sweeps: who did not come, and which requests nobody answered in time."""

from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.facts import AppointmentCancelled, AppointmentMissed, VisitFact
from clinic.appointments.life.together import change_together
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.doctors.models import Doctor
from clinic.organisations.models import OrganisationSettings

BATCH = 1000  # in one transaction: after an outage no diary is held for long


@transactional
def mark_no_shows() -> int:
    """Visits whose grace is over and whose patient has not arrived: the first `BATCH` of them.

    Returns how many.

    One conditional UPDATE: a check-in that commits first is never overwritten, one that comes
    later finds the new status.
    """
    return _sweep(
        sa.and_(_grace_is_over(), _doctor_works()),
        frm=(Status.SCHEDULED, Status.CONFIRMED),
        values={"status": Status.NO_SHOW, "status_before": Appointment.status},
        kind=AppointmentMissed,
    )


@transactional
def cancel_not_accepted() -> int:
    """Requests that nobody accepted before their start, so many at once. Returns how many."""
    return _sweep(
        Appointment.starts_at <= clock.now(),
        frm=(Status.PENDING,),
        values={"status": Status.CANCELLED, "cancel_reason": "not_accepted"},
        kind=AppointmentCancelled,
        reason="not_accepted",
    )


def _grace_is_over() -> sa.ColumnElement[bool]:
    """Started at least `no_show_grace_minutes` ago, by the rules of each organisation."""
    by_grace: dict[int, list[UUID]] = defaultdict(list)
    rules = OrganisationSettings
    for row in db.session.execute(
        sa.select(rules.organisation_id, rules.no_show_grace_minutes).where(rules.auto_no_show)
    ):
        by_grace[row.no_show_grace_minutes].append(row.organisation_id)
    overdue = [
        sa.and_(
            Appointment.starts_at <= clock.now() - timedelta(minutes=minutes),
            Appointment.organisation_id.in_(ids),
        )
        for minutes, ids in by_grace.items()
    ]
    return sa.or_(sa.false(), *overdue)


def _doctor_works() -> sa.ColumnElement[bool]:
    """Who had nobody to come to did not miss it. Those who left are few."""
    return Appointment.doctor_id.not_in(sa.select(Doctor.id).where(~Doctor.is_active))


def _sweep(
    overdue: sa.ColumnElement[bool],
    frm: tuple[Status, ...],
    values: dict[str, Any],
    kind: type[VisitFact],
    **more: str,
) -> int:
    is_due = (Appointment.status.in_(frm), overdue)
    found = db.session.execute(
        sa.select(Appointment.id, Appointment.doctor_id)
        .where(*is_due)
        .order_by(Appointment.starts_at)
        .limit(BATCH)
    ).all()
    # Whoever is at a visit right now is not waited for: the next sweep finds it, if it must.
    return change_together(found, is_due, values, kind, passes_by=True, **more)
