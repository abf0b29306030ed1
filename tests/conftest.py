"""One database of each kind a process, put back for each test; the clock stands on a Monday."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from clinic.accounts.sessions import browsers
from clinic.config import Settings
from clinic.core.data.db import db
from clinic.factory import create_app
from tests.cast import NOW, Cast, Person
from tests.servers import Postgres, Redis
from tests.stages import PostgresStage, SqliteStage, Stage, quick_folder

REAL_TIME = ("browser", "whole_product", "trust")


def settings_for(folder: Path, database_url: str = "", redis_url: str = "") -> Settings:
    return Settings(
        environment="testing",
        clinic_data_dir=folder,
        database_url=database_url,
        redis_url=redis_url,
        secret_key="a key of the tests, long enough to sign with",
        password_pepper="a pepper of the tests",
        link_key="a key of the tests, for links in messages",
        jwt_secret_key="a key of the tests, long enough for tokens of any kind",
        field_encryption_keys="a key of the tests, for single columns",
        password_rounds=4,
        rate_limits=False,  # tests ask faster than people; those of the limits switch it on
        log_level="ERROR",
    )


@pytest.fixture(autouse=True)
def monday_morning(request: pytest.FixtureRequest) -> Iterator[time_machine.Traveller | None]:
    """The clock ticks from 06:30 in London, except where other processes must agree on the time."""
    if any(request.node.get_closest_marker(name) for name in REAL_TIME):
        yield None
        return
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


@pytest.fixture(scope="session")
def sqlite_stage() -> Iterator[SqliteStage]:
    with tempfile.TemporaryDirectory(prefix="clinic-", dir=quick_folder()) as folder:
        stage = SqliteStage(create_app(settings_for(Path(folder))))
        yield stage
        stage.leave()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    with Redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_stage(
    postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresStage]:
    url = postgres_server.create_database("clinic")
    app = create_app(settings_for(tmp_path_factory.mktemp("postgres"), url))
    stage = PostgresStage(app, postgres_server)
    yield stage
    stage.close()


def _on_stage(stage: Stage) -> Iterator[Flask]:
    stage.put_back()
    yield stage.app
    with stage.app.app_context():
        db.session.remove()


@pytest.fixture
def app(sqlite_stage: SqliteStage) -> Iterator[Flask]:
    """No context is pushed: requests and services must each bring their own."""
    sqlite_stage.app.config["WTF_CSRF_ENABLED"] = False  # tests of CSRF switch it on
    yield from _on_stage(sqlite_stage)


@pytest.fixture
def cast(sqlite_stage: SqliteStage) -> Cast:
    return sqlite_stage.cast


@pytest.fixture
def in_app(app: Flask) -> Iterator[Flask]:
    """The app with a context pushed, for tests of services and queries. Not beside `client`."""
    with app.app_context():
        yield app


@pytest.fixture(params=["sqlite", "postgres"])
def both(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A stage on each database in turn, fresh; no context is pushed."""
    stage: Stage = request.getfixturevalue(f"{request.param}_stage")
    for _ in _on_stage(stage):
        yield stage


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask) -> Callable[[Person], FlaskClient]:
    """A browser with a session of that person."""

    def sign_in(person: Person) -> FlaskClient:
        return client_of(app, person)

    return sign_in


def client_of(app: Flask, person: Person) -> FlaskClient:
    with app.app_context():
        token = browsers.open_session(person.user_id, "tests")
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return client
