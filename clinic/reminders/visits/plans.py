"""What plans need to know of many visits, and the plans as rows: a statement each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.data.bulk import among, insert_unknown
from clinic.core.data.db import db
from clinic.core.work import queue
from clinic.doctors.models import Doctor
from clinic.organisations.models import OrganisationSettings
from clinic.reminders.models import Reminder, ReminderRule
from clinic.reminders.visits.planning import TO_DOCTORS, Due, Rule

SEND_JOB = "clinic.reminders.jobs.send_due"

_FACTS: tuple[Any, ...] = (
    Appointment.id,
    Appointment.organisation_id,
    Appointment.patient_id,
    Appointment.status,
    Appointment.channel,
    Appointment.created_at,
    Appointment.starts_at,
    Appointment.booked_by,
    Doctor.user_id.label("doctor_user_id"),
    Doctor.is_active.label("doctor_works"),
    OrganisationSettings.approval_required.label("needs_approval"),  # None without settings
)
_VISITS: sa.Select[Any] = (
    sa.select(*_FACTS)
    .join(Doctor, Doctor.id == Appointment.doctor_id)
    .outerjoin(
        OrganisationSettings, OrganisationSettings.organisation_id == Appointment.organisation_id
    )
)


def visits(ids: Collection[UUID]) -> dict[UUID, sa.Row[Any]]:
    """By id, in the order of `ids`; those that are not there are left out."""
    found = {row.id: row for row in db.session.execute(_VISITS.where(among(Appointment.id, ids)))}
    return {one: found[one] for one in ids if one in found}


def rules_of(organisation_ids: Iterable[UUID]) -> dict[UUID, list[Rule]]:
    """The active ones, by organisation."""
    rules: dict[UUID, list[Rule]] = defaultdict(list)
    for row in db.session.execute(
        sa.select(ReminderRule).where(
            among(ReminderRule.organisation_id, set(organisation_ids)), ReminderRule.is_active
        )
    ).scalars():
        rules[row.organisation_id].append(Rule(row.minutes_before, row.channel))
    return rules


def insert(planned: Sequence[tuple[sa.Row[Any], Due]]) -> None:
    """One row per (visit, rule, channel); a second planning changes nothing.

    A doctor who left is told nothing more of patients.
    """
    moment = clock.now()
    planned = [one for one in planned if one[0].doctor_works or one[1].rule not in TO_DOCTORS]
    rows = [_row(visit, due, moment) for visit, due in planned]
    # In one order, or two who plan for the same visits deadlock.
    insert_unknown(Reminder, sorted(rows, key=_key))
    if any(due.at <= moment for _, due in planned):
        queue.kick(SEND_JOB)


def _key(row: Mapping[str, Any]) -> tuple[int, str, str]:
    return row["appointment_id"].int, row["rule"], row["channel"]


def _row(visit: sa.Row[Any], due: Due, moment: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "organisation_id": visit.organisation_id,
        "appointment_id": visit.id,
        "rule": due.rule,
        "channel": due.channel,
        "due_at": due.at,
        "status": "planned",
        "created_at": moment,
    }
