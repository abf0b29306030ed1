"""A trip that fails stores nothing, is not repeated once COMMIT was sent, and leaves no traces."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import DBAPIError

from clinic.core.data.db import after_commit, db, transactional
from clinic.core.data.trips.asking import ask
from clinic.core.data.trips.pipeline import driver_of
from clinic.core.data.trips.writing import hand_over
from clinic.core.work.heartbeat import Heartbeat
from clinic.doctors import service as doctors
from tests.conftest import PostgresStage

MOMENT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
AT_COMMIT = """
    CREATE FUNCTION public.at_commit() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN {}; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON public.heartbeats
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.at_commit()"""


@pytest.fixture
def stage(postgres_stage: PostgresStage) -> Iterator[PostgresStage]:
    postgres_stage.put_back()
    with postgres_stage.app.app_context():
        yield postgres_stage


class Trouble(Exception):
    pass


def beat(name: str) -> dict[str, object]:
    return {"name": name, "beat_at": MOMENT}


def stored() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(sa.select(Heartbeat.name)))


def connections_are_as_new() -> None:
    db.session.remove()
    pooled = [db.engine.connect() for _ in range(db.engine.pool.checkedin())]  # type: ignore[attr-defined]
    for one in pooled:
        driver = driver_of(one)
        assert driver.info.transaction_status == TransactionStatus.IDLE
        assert not driver.autocommit
        assert one.scalar(sa.text("SELECT 1")) == 1
        one.close()


def test_a_lock_that_takes_too_long_leaves_nothing_behind(stage):
    doctor_id = stage.cast.dr_chandra.doctor_id

    @transactional
    def command(name: str):
        db.session.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
        hand_over(Heartbeat, beat("ahead"))
        ask((doctors.LOCK_ONE, {"doctor_id": doctor_id}))
        hand_over(Heartbeat, beat(name))

    with stage.own.transaction():
        stage.own.execute("SELECT 1 FROM public.doctors WHERE id = %s FOR UPDATE", [doctor_id])
        with pytest.raises(DBAPIError):
            command("refused")
        connections_are_as_new()
    command("stored")
    assert stored() == ["ahead", "stored"]


@pytest.mark.parametrize(
    "fault", ["PERFORM pg_terminate_backend(pg_backend_pid())", "RAISE unique_violation"]
)
def test_a_commit_that_fails_is_told_and_not_repeated(stage, fault):
    runs = []

    @transactional
    def command():
        runs.append("once")
        hand_over(Heartbeat, beat("one"))

    stage.own.execute(AT_COMMIT.format(fault))
    try:
        with pytest.raises(DBAPIError):
            command()
    finally:
        stage.own.execute("DROP FUNCTION public.at_commit CASCADE")
    assert runs == ["once"]
    assert stored() == []
    connections_are_as_new()


def test_a_command_that_hides_a_failed_statement_is_told_that_nothing_is_stored(stage):
    @transactional
    def command():
        db.session.execute(sa.insert(Heartbeat), beat("one"))
        with pytest.raises(DBAPIError):
            db.session.execute(sa.text("SELECT 1 / 0"))

    with pytest.raises(RuntimeError):
        command()
    assert stored() == []
    connections_are_as_new()


def test_what_should_follow_does_not_even_if_the_connection_cannot_roll_back(stage):
    followed = []

    @transactional
    def command():
        after_commit("one", lambda: followed.append("one"))
        driver_of(db.session.connection()).pgconn.send_query(b"SELECT 1")  # nobody reads the answer
        raise Trouble

    with pytest.raises(DBAPIError):
        command()
    transactional(lambda: hand_over(Heartbeat, beat("two")))()
    assert followed == []
    assert stored() == ["two"]
