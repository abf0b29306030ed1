"""A doctor's diary has a version, which rises in the statement that locks the diary."""

import ast
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import sqlalchemy as sa

from clinic import switchboard
from clinic.appointments.life.lifecycle import STEPS, gives_up_seat, takes_seat_again
from clinic.core.data.db import db, transactional
from clinic.doctors import service
from clinic.doctors.models import Doctor
from clinic.organisations.models import Organisation
from tests.architecture.tree import name_of, python_files, syntax_of
from tests.cast import Person
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.doctors.versions import COMMANDS, MORE

ROUNDS = 8
ROOMS = ("accounts", "appointments", "doctors", "organisations", "schedules")


def versions(stage: Stage) -> dict:
    with stage.app.app_context():
        rows = db.session.execute(sa.select(Doctor.id, Doctor.diary_version))
        return {row.id: row.diary_version for row in rows}


def risen(stage: Stage, before: dict) -> dict:
    return {key: now - before[key] for key, now in versions(stage).items() if now != before[key]}


def test_a_lock_raises_the_versions_of_the_locked_alone(both: Stage) -> None:
    chandra, dev = both.cast.dr_chandra.doctor_id, both.cast.dr_dev.doctor_id
    before = versions(both)
    with both.app.app_context():
        transactional(service.lock)([dev, chandra, dev])
    assert risen(both, before) == {chandra: 1, dev: 1}


def test_doctors_are_found_by_any_condition(both: Stage) -> None:
    before = versions(both)
    with both.app.app_context():
        found = transactional(service.raise_versions)(Doctor.organisation_id == both.cast.harbour)
        nobody = transactional(service.raise_versions)(Doctor.name == "Nobody")
    assert nobody == []
    assert risen(both, before) == dict.fromkeys(found, 1)
    assert set(found) == {both.cast.dr_chandra.doctor_id, both.cast.dr_dev.doctor_id}


def test_outside_of_a_command_nothing_is_raised(both: Stage) -> None:
    before = versions(both)
    with both.app.app_context():
        for call in (lambda: service.lock([both.cast.dr_dev.doctor_id]), service.raise_versions):
            with pytest.raises(RuntimeError):
                call()
    assert versions(both) == before


def test_crosswise_locks_wait_for_each_other_and_each_counts(both: Stage) -> None:
    ids = sorted(versions(both))
    before = versions(both)

    @transactional
    def both_ways(number: int) -> None:
        service.lock(ids if number % 2 else reversed(ids))

    answers = at_once(both.app, [lambda n=n: both_ways(n) for n in range(ROUNDS)])
    assert not faults(answers)
    assert risen(both, before) == dict.fromkeys(ids, ROUNDS)


def test_what_is_taken_back_raises_nothing(both: Stage) -> None:
    before = versions(both)

    @transactional
    def fails() -> None:
        service.lock(before)
        raise ZeroDivisionError

    with both.app.app_context(), pytest.raises(ZeroDivisionError):
        fails()
    assert versions(both) == before


def commands() -> set[str]:
    """Whatever opens a transaction, or runs in another's, in the rooms that a page is made of."""
    files = python_files(*(f"clinic/{room}" for room in ROOMS))
    found = {
        f"{dotted(path)}.{node.name}"
        for path in files
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(one) == "transactional" for one in node.decorator_list)
    }
    handlers = {one for several in switchboard.NOW.values() for one in several}
    named = {f"{one.__module__.removeprefix('clinic.')}.{one.__name__}" for one in handlers}
    return found | {name for name in named if name.partition(".")[0] in ROOMS}


def dotted(path: Path) -> str:
    return name_of(path).removeprefix("clinic/").removesuffix(".py").replace("/", ".")


def test_each_command_says_whether_it_changes_what_is_offered() -> None:
    there = commands()
    assert len(there) > 50
    listed = {name: [one for one in there if fnmatchcase(one, name)] for name in COMMANDS}
    assert {name: found for name, found in listed.items() if not found} == {}, "no longer there"
    assert there - {one for found in listed.values() for one in found} == set(), "not listed"


CASES = {name: case for name, case in COMMANDS.items() if callable(case)} | MORE


@pytest.mark.parametrize("name", CASES)
def test_what_changes_the_offer_raises_the_version(both: Stage, name: str) -> None:
    with both.app.app_context():
        command = CASES[name](both.cast)
        before, there = seen(both.cast.dr_chandra), seen(both.cast.dr_hana)
        command()
        assert sum(seen(both.cast.dr_chandra)) > sum(before)
        assert seen(both.cast.dr_hana) == there


def seen(doctor: Person) -> tuple[int, int]:
    """The doctor's own version and that of where they work."""
    db.session.rollback()
    row = db.session.execute(
        sa.select(Doctor.diary_version, Organisation.diary_version)
        .join(Organisation, Organisation.id == Doctor.organisation_id)
        .where(Doctor.id == doctor.doctor_id)
    ).one()
    return row[0], row[1]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_says_whether_a_seat_changes_hands(step: str) -> None:
    frees = step in ("cancel", "reschedule", "no_show")
    assert (gives_up_seat(step), takes_seat_again(step)) == (frees, step == "undo_no_show")
