"""Migrations build what the models declare, on both databases, down and up again.

Alembic's own comparison does not see partial predicates, checks and triggers; the databases do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from clinic.config import ROOT
from clinic.core.data.db import db
from clinic.factory import create_app
from tests.architecture.schema import Schema, of_postgres, of_sqlite
from tests.conftest import settings_for
from tests.servers import Postgres

MIGRATIONS = str(ROOT / "migrations")


@dataclass
class Database:
    """An empty database, and how to look at it."""

    app: Flask
    schema: Callable[[], Schema]

    def run(self, step: Callable[[], object]) -> Schema:
        with self.app.app_context():
            step()
            db.session.remove()
            db.engine.dispose()
        return self.schema()


NewDatabase = Callable[[str], Database]


def on_sqlite(folder: Path, name: str) -> Database:
    home = folder / name
    home.mkdir()
    return Database(create_app(settings_for(home)), lambda: of_sqlite(home / "clinic.db"))


def on_postgres(server: Postgres, folder: Path, name: str) -> Database:
    home = folder / name
    home.mkdir()
    app = create_app(settings_for(home, server.create_database(f"schema_{name}")))

    def schema() -> Schema:
        with app.app_context():
            found = of_postgres(db.engine)
            db.engine.dispose()
        return found

    return Database(app, schema)


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> NewDatabase:
    if request.param == "sqlite":
        return lambda name: on_sqlite(tmp_path, name)
    server: Postgres = request.getfixturevalue("postgres_server")
    prefix = request.node.originalname[-12:]
    return lambda name: on_postgres(server, tmp_path, f"{prefix}_{name}")


def test_there_is_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    scripts = ScriptDirectory.from_config(config)
    newest = max(path.name for path in (ROOT / "migrations/versions").glob("*.py"))
    assert scripts.get_heads() == [newest[:4]]
    assert len(scripts.get_bases()) == 1


def test_migrations_equal_the_models(new_database: NewDatabase) -> None:
    declared = new_database("declared").run(db.create_all)
    migrated = new_database("migrated").run(lambda: upgrade(directory=MIGRATIONS))
    for seen in ("trigger ", "index ", " WHERE ", "CHECK"):  # the comparison looks at each of them
        assert any(seen in f"{name} {text}" for name, text in declared.items()), seen
    assert migrated == declared


def test_migrations_go_down_to_nothing_and_up_again(new_database: NewDatabase) -> None:
    database = new_database("down_and_up")
    first = database.run(lambda: upgrade(directory=MIGRATIONS))
    assert first
    assert database.run(lambda: downgrade(directory=MIGRATIONS, revision="base")) == {}
    assert database.run(lambda: upgrade(directory=MIGRATIONS)) == first
