"""Several reads are one statement, and answer as they would one by one."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.core.data.trips.together import Together
from clinic.organisations.models import Organisation, OrganisationSettings
from clinic.schedules.models import Schedule
from tests.questions import asked
from tests.stages import PostgresStage, Stage

PEOPLE = (
    sa.select(User.full_name, User.created_at, User.id, User.is_active)
    .where(User.role == sa.bindparam("role"))
    .order_by(User.full_name)
)
RULES = sa.select(
    OrganisationSettings.organisation_id,
    OrganisationSettings.minimum_notice_minutes,
    OrganisationSettings.two_factor_required,
)
WINDOWS = sa.select(
    Schedule.id, Schedule.doctor_id, Schedule.start_time, Schedule.valid_from, Schedule.weekday
).where(Schedule.weekday == sa.bindparam("weekday"))
PLACES = sa.select(Organisation.name, Organisation.timezone).where(Organisation.name == "nowhere")
READS = {"people": PEOPLE.order_by(None), "rules": RULES, "windows": WINDOWS, "places": PLACES}
VALUES = {"role": "doctor", "weekday": 2}


@pytest.fixture
def stage(both: Stage):
    with both.app.app_context():
        yield both


def by_themselves():
    found = {name: db.session.execute(read, VALUES).all() for name, read in READS.items()}
    db.session.remove()
    return {name: sorted(tuple(row) for row in rows) for name, rows in found.items()}


def test_each_read_has_its_own_rows_and_types(stage: Stage):
    expected = by_themselves()
    together = Together(**READS)
    for _ in range(3):
        found = together.ask(VALUES)
        assert {name: sorted(found[name]) for name in READS} == expected
    assert len(expected["people"]) == len(expected["windows"]) == 3
    assert found["places"] == []


def test_it_is_one_statement(stage: Stage):
    together = Together(**READS)
    with asked() as heard:
        together.ask(VALUES)
    assert len([one for one in heard if "SELECT" in one]) == 1


def test_other_values_are_other_rows(stage: Stage):
    together = Together(**READS)
    for role, weekday, many in (("doctor", 2, 3), ("patient", 6, 2), ("nobody", 2, 0)):
        found = together.ask({"role": role, "weekday": weekday})
        assert len(found["people"]) == many
        assert len(found["windows"]) == (3 if weekday < 5 else 0)


def test_a_command_reads_what_it_has_written(stage: Stage):
    together = Together(**READS)

    @transactional
    def rename() -> list[str]:
        person = db.session.get(User, stage.cast.dr_dev.user_id)
        person.full_name = "Somebody Else"
        db.session.flush()
        return [row[0] for row in together.ask(VALUES)["people"]]

    assert "Somebody Else" in rename()


def test_what_is_wrong_with_a_statement_is_told_as_ever(stage: Stage):
    if isinstance(stage, PostgresStage):
        broken = Together(one=sa.select(sa.func.no_such_function(1), sa.literal_column("2")))
        with pytest.raises(ProgrammingError):
            broken.ask({})
    assert Together(**READS).ask(VALUES)["rules"]


def test_a_lost_connection_costs_one_more_try(postgres_stage: PostgresStage):
    postgres_stage.put_back()
    together = Together(**READS)
    with postgres_stage.app.app_context():
        expected = together.ask(VALUES)
        postgres_stage.own.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'clinic'"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        assert together.ask(VALUES) == expected
        assert together.ask(VALUES) == expected
