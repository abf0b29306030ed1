"""A list of patients becomes records: in batches, each row once, with a report of what was refused.

What moves the progress stands in the transaction of its rows, so a death in between changes
nothing and a second worker begins where the first one ended.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, NotFound
from clinic.events import tasks
from clinic.events.service import record
from clinic.events.tasks import TaskFailed
from clinic.organisations import queries as organisations
from clinic.patients import details
from clinic.patients.errors import InvalidDetails
from clinic.patients.facts import PatientsImported
from clinic.patients.imports import lists
from clinic.patients.imports.lists import Problem
from clinic.patients.models import Patient, PatientImport, PatientOrganisation
from clinic.patients.people import service

IMPORT_TASK = "patient_import"
BATCH = 100
BATCHES_AT_ONCE = 2  # while somebody waits for the answer
RUNNING, DONE = "running", "done"
DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")

Key = tuple[str, str, Any]  # name, what else is the same, its value


@dataclass(frozen=True, slots=True)
class Progress:
    id: UUID
    status: str
    total: int
    done: int
    created: int
    refused: list[Problem]


@transactional
def start_import(organisation_id: UUID, text: str, actor: Actor) -> UUID:
    """Take a list (see `lists`) in; a background task works it off. Raises UnreadableList."""
    found = lists.parse(text)
    listed = PatientImport(
        organisation_id=organisation_id,
        created_by=actor.user_id,
        rows=found.rows,
        status=RUNNING,
        total=len(found.rows),
        refused=found.problems,
        created_at=clock.now(),
    )
    db.session.add(listed)
    db.session.flush()
    tasks.enqueue(IMPORT_TASK, listed.id, organisation_id)
    return listed.id


def begin(import_id: UUID) -> None:
    """Work off the first two hundred rows, for whoever waits; the task does the rest."""
    for _ in range(BATCHES_AT_ONCE):
        if not continue_import(import_id):
            return


def work_off(import_id: UUID) -> bool:
    """The task's share: one batch. Returns whether there is more. Raises TaskFailed."""
    try:
        return continue_import(import_id)
    except NotFound:
        raise TaskFailed(N_("the import no longer exists")) from None


@transactional
def continue_import(import_id: UUID) -> bool:
    """Work off the next hundred rows. Returns whether there are more. Raises NotFound."""
    listed = db.session.get(PatientImport, import_id, with_for_update=True, populate_existing=True)
    if listed is None:
        raise NotFound
    if listed.status == DONE:
        return False
    batch = (listed.rows or [])[listed.done : listed.done + BATCH]
    problems = _take(batch, listed.organisation_id, _creator(listed))
    listed.done += len(batch)
    listed.created += len(batch) - len({problem["row"] for problem in problems})
    listed.refused = [*listed.refused, *problems]
    if listed.done >= listed.total:
        _finish(listed)
    db.session.flush()
    return listed.status == RUNNING


def progress(organisation_id: UUID, import_id: UUID) -> Progress:
    """Raises NotFound for an absent import and for another organisation's alike."""
    row = db.session.execute(
        sa.select(
            PatientImport.id,
            PatientImport.status,
            PatientImport.total,
            PatientImport.done,
            PatientImport.created,
            PatientImport.refused,
        ).where(PatientImport.id == import_id, PatientImport.organisation_id == organisation_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Progress(**row._mapping)


def _creator(listed: PatientImport) -> Actor:
    role = db.session.execute(sa.select(User.role).where(User.id == listed.created_by)).scalar_one()
    return Actor(role, listed.created_by, listed.organisation_id)


def _finish(listed: PatientImport) -> None:
    listed.status = DONE
    listed.rows = None  # what is kept about people is in their records now
    listed.finished_at = clock.now()
    imported = PatientsImported(organisation_id=listed.organisation_id, import_id=listed.id)
    record(imported, _creator(listed))


def _take(rows: list[dict[str, Any]], organisation_id: UUID, actor: Actor) -> list[Problem]:
    """Register the good rows; what comes back tells of the others."""
    country = organisations.country_of(organisation_id)
    problems: list[Problem] = []
    good: list[tuple[int, dict[str, Any]]] = []
    for row in rows:
        known, wrong = _read(row, country)
        problems += wrong
        if not wrong:
            good.append((row["row"], known))
    taken = _keys_known(organisation_id, [known["full_name"] for _, known in good])
    for number, known in good:
        keys = _keys_of(known)
        if not taken.isdisjoint(keys):
            problems.append(_duplicate(number))
            continue
        taken |= keys | {_born(known["full_name"], known.get("date_of_birth"))}
        service.register(
            organisation_id, known["full_name"], service.contact_of(known), actor,
            known.get("date_of_birth"),
        )  # fmt: skip
    return sorted(problems, key=lambda problem: problem["row"])


def _read(row: dict[str, Any], country: str | None) -> tuple[dict[str, Any], list[Problem]]:
    cells = {"full_name": None, **row}
    number = cells.pop("row")
    if cells.pop(lists.TOO_MANY_CELLS, False):
        message = N_("This row has more cells than the header has columns.")
        return {}, [{"row": number, "field": "", "code": lists.TOO_MANY_CELLS, "message": message}]
    if "date_of_birth" in cells:
        cells["date_of_birth"] = DAY_FIRST.sub(_iso, cells["date_of_birth"])
    if "channel" in cells:
        cells["channel"] = cells["channel"].lower()
    try:
        return details.read(cells, country), []
    except InvalidDetails as invalid:
        return {}, [
            {
                "row": number,
                "field": one.field,
                "code": one.code,
                "message": one.words,
                "values": dict(one.values),
            }
            for one in invalid.errors
        ]


def _iso(day_first: re.Match[str]) -> str:
    day, month, year = day_first.groups()
    return f"{year}-{int(month):02}-{int(day):02}"


def _duplicate(number: int) -> Problem:
    message = N_("Somebody of this name with the same contact data is already known.")
    return {"row": number, "field": "full_name", "code": "duplicate", "message": message}


def _keys_known(organisation_id: UUID, names: Iterable[str]) -> set[Key]:
    """How the organisation would recognise its patients of these names."""
    link = PatientOrganisation
    rows = db.session.execute(
        sa.select(
            Patient.full_name,
            Patient.birth_date.label("date_of_birth"),
            sa.func.coalesce(User.phone, link.phone).label("phone"),
            sa.func.coalesce(User.email, link.email).label("email"),
        )
        .join(link, link.patient_id == Patient.id)
        .outerjoin(User, User.id == Patient.user_id)
        .where(
            link.organisation_id == organisation_id,
            Patient.sort_name.in_({details.sort_name(name) for name in names}),
        )
    )
    known: set[Key] = set()
    for row in rows:
        known |= _keys_of(row._mapping) | {_born(row.full_name, row.date_of_birth)}
    return known


def _keys_of(person: Any) -> set[Key]:
    """By number and by address; of whom neither is known, by the birth date."""
    name = details.sort_name(person["full_name"])
    said = {(name, by, person.get(by)) for by in ("phone", "email") if person.get(by)}
    return said or {_born(person["full_name"], person.get("date_of_birth"))}


def _born(full_name: str, birth_date: date | None) -> Key:
    return (details.sort_name(full_name), "born", birth_date)
