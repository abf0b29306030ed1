"""What `make run` sees of a database before it starts anything."""

import sqlite3
from contextlib import closing

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from clinic.config import ROOT
from clinic.core.data.db import db, transactional
from clinic.stack import preparing
from tests.conftest import settings_for


def test_the_newest_revision_is_read_from_the_names_of_the_files():
    assert preparing.newest_revision() == ScriptDirectory(ROOT / "migrations").get_current_head()


def test_a_database_that_is_there_and_up_to_date_is_left_alone(both):
    settings = both.app.config["SETTINGS"]
    assert preparing.is_prepared(settings)  # the cast has organisations


def test_an_older_one_is_migrated(both):
    settings = both.app.config["SETTINGS"]

    @transactional
    def set_version(version):
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})

    with both.app.app_context():
        set_version("0001")
    try:
        assert not preparing.is_prepared(settings)
    finally:
        with both.app.app_context():
            set_version(preparing.newest_revision())


def test_an_empty_one_is_filled_if_there_is_to_be_a_demo_clinic(tmp_path):
    settings = settings_for(tmp_path)
    with closing(sqlite3.connect(tmp_path / "clinic.db")) as database, database:
        database.execute("CREATE TABLE organisations (id)")
        database.execute("CREATE TABLE alembic_version (version_num)")
        newest = (preparing.newest_revision(),)
        database.execute("INSERT INTO alembic_version VALUES (?)", newest)
    assert not preparing.is_prepared(settings.model_copy(update={"demo": True}))
    assert preparing.is_prepared(settings.model_copy(update={"demo": False}))
    production = {"demo": True, "environment": "production"}
    assert preparing.is_prepared(settings.model_copy(update=production))


def test_none_yet_or_one_without_tables_is_made(tmp_path):
    settings = settings_for(tmp_path)
    assert not preparing.is_prepared(settings)
    assert not (tmp_path / "clinic.db").exists()  # looking makes none
    (tmp_path / "clinic.db").touch()
    assert not preparing.is_prepared(settings)


def test_a_server_that_does_not_answer_is_no_reason_to_go_on(tmp_path):
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    assert not preparing.is_prepared(settings_for(tmp_path, nowhere))
