"""A doctor's diary has a version, which rises in the statement that locks the diary."""

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.doctors import service
from clinic.doctors.models import Doctor
from tests.conftest import Stage
from tests.crowd import at_once, faults

ROUNDS = 8


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
