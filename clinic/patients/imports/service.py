"""A list of patients becomes records: in batches, each row once, with a report of what was refused.

What moves the progress stands in the transaction of its rows, so a death in between changes
nothing and a second worker begins where the first one ended.
"""

from dataclasses import dataclass
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
from clinic.messaging.consents import service as consents
from clinic.messaging.consents.vocabulary import Agreed
from clinic.organisations import queries as organisations
from clinic.patients import details
from clinic.patients.errors import InvalidDetails
from clinic.patients.facts import PatientsImported
from clinic.patients.imports import days, lists
from clinic.patients.imports.known import KnownPeople
from clinic.patients.imports.lists import Problem
from clinic.patients.models import PatientImport
from clinic.patients.people import service

IMPORT_TASK = "patient_import"
BATCH = 100
BATCHES_AT_ONCE = 2  # while somebody waits for the answer
RUNNING, DONE = "running", "done"
_REFUSED = {  # marks of rows that no field is read of: what is wrong with which
    lists.TOO_MANY_CELLS: ("", N_("This row has more cells than the header has columns.")),
    lists.BAD_QUOTES: ("", N_("A quotation mark is in the wrong place.")),
    days.AMBIGUOUS: (
        "date_of_birth",
        N_("The dates of this list are in different orders. Write this one as YYYY-MM-DD."),
    ),
}


@dataclass(frozen=True, slots=True)
class Progress:
    id: UUID
    status: str
    total: int
    done: int
    created: int
    updated: int
    refused: list[Problem]


@transactional
def start_import(organisation_id: UUID, text: str, actor: Actor) -> UUID:
    """Take a list (see `lists`) in; a background task works it off. Raises UnreadableList."""
    found = lists.parse(text)
    days.settle(found.rows, organisations.country_of(organisation_id))
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
    taken = _take(batch, listed.organisation_id, _creator(listed))
    listed.done += len(batch)
    listed.created += taken.created
    listed.updated += taken.updated
    listed.refused = [*listed.refused, *taken.problems]
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
            PatientImport.updated,
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


@dataclass(slots=True)
class _Taken:
    problems: list[Problem]
    created: int = 0
    updated: int = 0


def _take(rows: list[dict[str, Any]], organisation_id: UUID, actor: Actor) -> _Taken:
    """Register the good rows, or fill what is empty of people who are known."""
    country = organisations.country_of(organisation_id)
    taken = _Taken([])
    good: list[tuple[int, dict[str, Any]]] = []
    for row in rows:
        known, wrong = _read(row, country)
        taken.problems += wrong
        if not wrong:
            good.append((row["row"], known))
    people = KnownPeople(organisation_id, [known["full_name"] for _, known in good])
    numbers: list[str | None] = []
    for number, known in good:
        same = people.find(known)
        if same is None:
            patient = service.register(
                organisation_id, known["full_name"], service.contact_of(known), actor,
                known.get("date_of_birth"),
            )  # fmt: skip
            people.add(patient.id, known)
            taken.created += 1
            numbers.append(known.get("phone"))
        elif people.fill(same, known):
            taken.updated += 1
        else:
            taken.problems.append(_duplicate(number))
    brought = Agreed("import", organisation_id, by=actor.user_id)
    consents.remember_all([one for one in numbers if one], brought)
    taken.problems.sort(key=lambda problem: problem["row"])
    return taken


def _read(row: dict[str, Any], country: str | None) -> tuple[dict[str, Any], list[Problem]]:
    cells = {"full_name": None, **row}
    number = cells.pop("row")
    for code, (name, message) in _REFUSED.items():
        if cells.pop(code, False):
            return {}, [{"row": number, "field": name, "code": code, "message": message}]
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


def _duplicate(number: int) -> Problem:
    message = N_("Somebody of this name with the same contact data is already known.")
    return {"row": number, "field": "full_name", "code": "duplicate", "message": message}
