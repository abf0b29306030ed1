"""PostgreSQL hangs up: nobody notices before something was written; nothing is written twice."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from clinic.core import clock
from clinic.core.data.db import after_commit, db, transactional
from clinic.core.work.heartbeat import Heartbeat
from tests.api.conftest import Caller
from tests.cast import Person
from tests.crowd import at_once, faults
from tests.factories import next_week
from tests.servers import Postgres
from tests.stages import PostgresStage

MANY = 6


@pytest.fixture
def stage(postgres_stage: PostgresStage) -> Iterator[PostgresStage]:
    postgres_stage.put_back()
    yield postgres_stage
    postgres_stage.leave()


def hang_up(stage: PostgresStage) -> int:
    """The server ends every connection of the product. Returns how many there were."""
    ended = stage.own.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'clinic'"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    ).fetchall()
    return len(ended)


def fill_pool(app: Flask) -> None:
    """Leave `MANY` connections idle, each with a statement prepared."""
    with app.app_context():
        taken = [db.engine.connect() for _ in range(MANY)]
        for one in taken:
            one.execute(sa.select(Heartbeat.name))
            one.close()


def book(who: Caller, doctor: Person, wall: str) -> int:
    start = next_week(wall).isoformat()
    body = {"doctor_id": str(doctor.doctor_id), "start": start, "reason": "Blood pressure"}
    return who.post("/appointments", body).status_code


def beats(stage: PostgresStage) -> list[str]:
    return [name for (name,) in stage.own.execute("SELECT name FROM heartbeats ORDER BY name")]


@transactional
def beat(name: str) -> None:
    db.session.add(Heartbeat(name=name, beat_at=clock.now()))
    db.session.flush()


def test_requests_go_on_after_the_server_hung_up(stage: PostgresStage):
    cast = stage.cast
    asha = Caller(stage.app, cast.asha)
    fill_pool(stage.app)
    assert hang_up(stage) >= MANY
    assert asha.get("/appointments").status_code == 200
    for wall in ("09:00", "10:00"):
        fill_pool(stage.app)
        assert hang_up(stage) >= MANY
        assert book(asha, cast.dr_chandra, wall) == 201
    assert len(asha.get("/appointments").get_json()["items"]) == 2


@pytest.mark.trust
def test_requests_go_on_after_postgresql_was_restarted(
    stage: PostgresStage, postgres_server: Postgres
):
    cast = stage.cast
    asha = Caller(stage.app, cast.asha)
    for wall, ask_first in (("09:00", True), ("10:00", False)):
        fill_pool(stage.app)
        postgres_server.restart()
        if ask_first:
            assert asha.get("/appointments").status_code == 200
            postgres_server.restart()
        assert book(asha, cast.dr_chandra, wall) == 201
    assert len(asha.get("/appointments").get_json()["items"]) == 2


def test_many_threads_meet_dead_connections_and_none_of_them_notices(stage: PostgresStage):
    fill_pool(stage.app)
    hang_up(stage)

    def read_then_write(name: str) -> None:
        assert db.session.scalars(sa.select(Heartbeat.name)).all() is not None
        beat(name)

    names = [f"beat {number}" for number in range(2 * MANY)]
    answers = at_once(stage.app, [lambda n=name: read_then_write(n) for name in names])
    assert faults(answers) == []
    assert beats(stage) == sorted(names)


def test_a_read_is_asked_again_when_the_server_hangs_up_between_two(stage: PostgresStage):
    """The second finds a connection dead that was looked at before the first."""
    with stage.app.app_context():
        assert db.session.scalars(sa.select(Heartbeat.name)).all() == []
        hang_up(stage)
        assert db.session.scalars(sa.select(Heartbeat.name)).all() == []
        hang_up(stage)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Heartbeat)) == 0
        hang_up(stage)
        assert db.session.execute(sa.select(Heartbeat.name)).all() == []
        hang_up(stage)
        assert db.session.get(Heartbeat, "nobody") is None


def test_a_command_begins_anew_if_its_first_statement_found_nobody(stage: PostgresStage):
    began: list[str] = []

    @transactional
    def command() -> None:
        began.append("once")
        if len(began) == 1:
            hang_up(stage)
        beat("one")

    with stage.app.app_context():
        command()
    assert began == ["once", "once"]
    assert beats(stage) == ["one"]


def test_it_does_so_once(stage: PostgresStage):
    began: list[str] = []

    @transactional
    def command() -> None:
        began.append("once")
        hang_up(stage)
        beat("one")

    with stage.app.app_context(), pytest.raises(OperationalError):
        command()
    assert began == ["once", "once"]
    assert beats(stage) == []


@pytest.mark.parametrize("writes", [True, False])
def test_nothing_is_repeated_once_a_statement_has_succeeded(stage: PostgresStage, writes: bool):
    began: list[str] = []

    @transactional
    def command() -> None:
        began.append("once")
        if writes:
            beat("one")
        else:
            db.session.scalars(sa.select(Heartbeat.name)).all()
        hang_up(stage)
        beat("two")

    with stage.app.app_context():
        with pytest.raises(OperationalError):
            command()
        assert began == ["once"]
        assert beats(stage) == []
        beat("three")  # the session is as good as before
    assert beats(stage) == ["three"]


def test_nothing_is_repeated_if_the_commit_finds_nobody(stage: PostgresStage):
    began: list[str] = []

    @transactional
    def command() -> None:
        began.append("once")
        beat("one")
        hang_up(stage)

    with stage.app.app_context(), pytest.raises(OperationalError):
        command()
    assert (began, beats(stage)) == (["once"], [])


def test_what_was_to_follow_the_commit_follows_once(stage: PostgresStage):
    began: list[str] = []
    ran: list[str] = []

    @transactional
    def command() -> None:
        began.append("once")
        after_commit("ring", lambda: ran.append("ring"))
        if len(began) == 1:
            hang_up(stage)
        beat("one")

    with stage.app.app_context():
        command()
    assert ran == ["ring"]
