"""The reminders of visits to come, as they should be by the rules of now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data.bulk import among, update_all
from clinic.core.data.db import db, must_be_writing
from clinic.patients.models import PatientOrganisation
from clinic.reminders.models import Reminder
from clinic.reminders.visits import planning, plans, taken_back
from clinic.reminders.visits.planning import Due

Key = tuple[UUID, str, str]  # a visit, a rule, a channel: of which there is one plan


@dataclass(frozen=True, slots=True)
class Changes:
    """How many reminders there are now, or at another time, or no longer."""

    planned: int = 0
    moved: int = 0
    withdrawn: int = 0


_TO_COME = (
    plans.TO_PLAN.add_columns(
        sa.func.coalesce(PatientOrganisation.is_active, sa.true()).label("is_cared_for"),
        PatientOrganisation.died_on,
    )
    .outerjoin(
        PatientOrganisation,
        sa.and_(
            PatientOrganisation.patient_id == Appointment.patient_id,
            PatientOrganisation.organisation_id == Appointment.organisation_id,
        ),
    )
    .where(Appointment.status.in_(sorted(UPCOMING)))
)


def plan(visit_ids: Collection[UUID]) -> Changes:
    """Make, move and withdraw until what is ahead of these visits is what the rules say.

    What a person took back stays so, and what is due by now is left to whoever sends it. Of visits
    that nobody is waiting for any more nothing is changed.
    """
    must_be_writing()
    if not visit_ids:
        return Changes()
    moment = clock.now()
    to_come = (among(Appointment.id, visit_ids), Appointment.starts_at > moment)
    visits = {row.id: row for row in db.session.execute(_TO_COME.where(*to_come))}
    wanted = _wanted(visits)
    there: dict[Key, Any] = {
        (row.appointment_id, row.rule, row.channel): row
        for row in db.session.execute(_THERE.where(among(Reminder.appointment_id, visits)))
    }
    missing = [
        (visits[key[0]], due)
        for key, due in wanted.items()
        if key not in there and due.at >= moment
    ]
    plans.insert(missing)
    back, moved = _correct(wanted, there, moment)
    return Changes(len(missing) + back, moved, _withdraw(wanted, there))


_THERE = sa.select(
    Reminder.id,
    Reminder.appointment_id,
    Reminder.rule,
    Reminder.channel,
    Reminder.due_at,
    Reminder.status,
).where(plans.AHEAD)


def _wanted(visits: Mapping[UUID, sa.Row[Any]]) -> dict[Key, Due]:
    houses = plans.houses(visit.organisation_id for visit in visits.values())
    found: dict[Key, Due] = {}
    for visit in visits.values():
        if not visit.doctor_works:
            continue
        house = houses[visit.organisation_id]
        is_spoken_to = visit.is_cared_for and visit.died_on is None
        for due in planning.ahead(visit.starts_at, visit.channel, house.rules, house.quiet.moved):
            if is_spoken_to or planning.is_to_doctor(due.rule):
                found[visit.id, due.rule, due.channel] = due
    return found


def _correct(
    wanted: Mapping[Key, Due], there: Mapping[Key, Any], moment: datetime
) -> tuple[int, int]:
    """Of those that are there: how many are planned again, and how many at another time."""
    ahead = {key: row for key, row in there.items() if key in wanted and wanted[key].at >= moment}
    ended = [row.id for row in ahead.values() if row.status == "cancelled"]
    by_hand = taken_back.among_them(ended)
    back, moved = [], []
    for key, row in ahead.items():
        new = {"id": row.id, "due_at": wanted[key].at, "status": "planned"}
        if row.status == "cancelled" and row.id not in by_hand:
            back.append(new)
        elif row.status == "planned" and moment < row.due_at != wanted[key].at:
            moved.append(new)
    _change([*back, *moved])
    return len(back), len(moved)


def _change(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    held = sa.select(Reminder.id).where(
        among(Reminder.id, [row["id"] for row in rows]),
        Reminder.status.in_(("planned", "cancelled")),
    )
    # What somebody is turning into a message just now is left to them.
    free = set(db.session.scalars(held.with_for_update(skip_locked=True)))
    table = Reminder.metadata.tables[Reminder.__tablename__]
    update_all(table, ("id",), [row for row in rows if row["id"] in free])


def _withdraw(wanted: Mapping[Key, Due], there: Mapping[Key, Any]) -> int:
    """As if they had never been: a rule that comes back plans them once more."""
    gone = [row.id for key, row in there.items() if key not in wanted and row.status == "planned"]
    if not gone:
        return 0
    free = sa.select(Reminder.id).where(among(Reminder.id, gone), Reminder.status == "planned")
    held = db.session.scalars(free.with_for_update(skip_locked=True)).all()
    ended = sa.delete(Reminder).where(among(Reminder.id, held))
    db.session.execute(ended, execution_options={"synchronize_session": False})
    return len(held)
