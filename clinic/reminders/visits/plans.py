"""What plans need to know of many visits, and the plans as rows: a statement each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from clinic.organisations.models import Organisation, OrganisationSettings
from clinic.reminders import quiet
from clinic.reminders.models import Reminder, ReminderRule, ReminderSettings
from clinic.reminders.quiet import Quiet
from clinic.reminders.visits import planning
from clinic.reminders.visits.planning import Due, Rule

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


# Who changes the rules holds the organisation, and waits for whoever plans by the old ones. Rows
# that refer to it hold it so much anyway.
TO_PLAN = _VISITS.join(
    Organisation, Organisation.id == Appointment.organisation_id
).with_for_update(read=True, key_share=True, of=Organisation)
TO_DOCTOR = Reminder.rule.startswith(planning.TO_DOCTOR, autoescape=True)
AHEAD = sa.or_(
    Reminder.rule.startswith(planning.AHEAD, autoescape=True),
    Reminder.rule.startswith(planning.AHEAD_OF_DOCTOR, autoescape=True),
)


@dataclass(frozen=True, slots=True)
class House:
    """How an organisation reminds."""

    rules: list[Rule]
    quiet: Quiet


def visits(ids: Collection[UUID]) -> dict[UUID, sa.Row[Any]]:
    """By id, in the order of `ids`; those that are not there are left out."""
    return _found(_VISITS, ids)


def visits_to_plan(ids: Collection[UUID]) -> dict[UUID, sa.Row[Any]]:
    """The same, and the rules stay as they are until the end of the transaction: read them then."""
    return _found(TO_PLAN, ids)


def _found(query: sa.Select[Any], ids: Collection[UUID]) -> dict[UUID, sa.Row[Any]]:
    found = {row.id: row for row in db.session.execute(query.where(among(Appointment.id, ids)))}
    return {one: found[one] for one in ids if one in found}


_HOUSES = (
    sa.select(
        Organisation.id,
        Organisation.timezone,
        sa.func.coalesce(ReminderSettings.quiet_from, quiet.BEGIN).label("begin"),
        sa.func.coalesce(ReminderSettings.quiet_to, quiet.END).label("end"),
        ReminderRule.minutes_before,
        ReminderRule.channel,
        ReminderRule.audience,
    )
    .outerjoin(ReminderSettings, ReminderSettings.organisation_id == Organisation.id)
    .outerjoin(
        ReminderRule,
        sa.and_(ReminderRule.organisation_id == Organisation.id, ReminderRule.is_active),
    )
    .order_by(ReminderRule.minutes_before.desc(), ReminderRule.channel, ReminderRule.audience)
)


def houses(organisation_ids: Iterable[UUID]) -> dict[UUID, House]:
    """How they remind, with the rules that are switched on."""
    found: dict[UUID, House] = {}
    for row in db.session.execute(_HOUSES.where(among(Organisation.id, set(organisation_ids)))):
        if row.id not in found:
            found[row.id] = House([], Quiet(row.begin, row.end, clock.zone(row.timezone)))
        if row.minutes_before is not None:
            rule = Rule(row.minutes_before, row.channel, row.audience == "doctor")
            found[row.id].rules.append(rule)
    return found


def insert(planned: Sequence[tuple[sa.Row[Any], Due]]) -> None:
    """One row per (visit, rule, channel); a second planning changes nothing.

    A doctor who left is told nothing more of patients.
    """
    moment = clock.now()
    planned = [
        one for one in planned if one[0].doctor_works or not planning.is_to_doctor(one[1].rule)
    ]
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
