"""The product on a database that is put back between tests, in a millisecond or ten.

Nothing is made anew for a test: SQLite's file is copied over, and on PostgreSQL the rows that
differ are exchanged in a database that stays.
"""

import os
import shutil
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import psycopg
import time_machine
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event
from sqlalchemy.pool import Pool

from clinic.config import ROOT
from clinic.core.data.db import db
from tests.cast import NOW, Cast, make_cast
from tests.servers import Postgres

MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is private
ROOM = 200_000_000  # bytes; a container has often 64 MB there


def quick_folder() -> Path | None:
    """Where files never wait for a disk; None where there is no such place with room."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None


class Stage:
    """An app whose database can be put back to the template: migrated, and with the cast."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), time_machine.travel(NOW):
            upgrade(directory=str(ROOT / "migrations"))
            self.cast: Cast = make_cast()
        self.leave()

    def leave(self) -> None:
        """Let go of every connection."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def put_back(self) -> None:
        raise TypeError(f"{type(self).__name__} does not say how it is put back")


class SqliteStage(Stage):
    """The template is a file. Tests may `keep` files of their own, with more that has happened."""

    def __init__(self, app: Flask) -> None:
        self.opened: list[Connection] = []  # since the last time, open or closed
        self.folder: Path = app.config["SETTINGS"].clinic_data_dir
        event.listen(Pool, "connect", self._note)  # other apps over this file among them
        with app.app_context():
            event.listen(db.engine, "connect", _wait_for_no_disk)
        super().__init__(app)
        self.kept: dict[str, Any] = {}
        self.keep("template", None)

    def keep(self, name: str, about: Any) -> None:
        """Save the database as it is, for `put_back(name)`; what is told of it is in `kept`."""
        self.kept[name] = about
        self.leave()  # the last connection that closes empties the write-ahead log
        shutil.copy(self.folder / "clinic.db", self.folder / f"{name}.db")

    def put_back(self, name: str = "template") -> None:
        self.leave()
        self._close_what_was_left()
        self.app.extensions["kept"].clear()  # versions go back, too
        self.app.extensions["sites"].clear()
        for leftover in self.folder.glob("clinic.db-*"):
            leftover.unlink()
        shutil.copy(self.folder / f"{name}.db", self.folder / "clinic.db")

    def _note(self, connection: Any, _record: Any) -> None:
        if not isinstance(connection, Connection):
            return
        (_, _, file), *_ = connection.execute("PRAGMA database_list")
        if file == str((self.folder / "clinic.db").resolve()):
            self.opened.append(connection)

    def _close_what_was_left(self) -> None:
        """What a test left checked out would, when it ends at last, take away the write-ahead log
        of the next one's database."""
        for connection in self.opened:
            connection.close()
        self.opened.clear()


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # a power cut may have the tests' rows


# Tables that a test has changed, by content, get the rows of their namesakes in `template`.
# As a replica, so that neither the order of the tables nor their append-only triggers matter.
PUT_BACK = """
CREATE FUNCTION template.put_back() RETURNS void LANGUAGE plpgsql
SET session_replication_role = replica AS $$
DECLARE
    name text;
    differs boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'template' LOOP
        EXECUTE format(
            'SELECT EXISTS (SELECT t::text FROM public.%1$I t'
            ' EXCEPT ALL SELECT t::text FROM template.%1$I t)'
            ' OR EXISTS (SELECT t::text FROM template.%1$I t'
            ' EXCEPT ALL SELECT t::text FROM public.%1$I t)', name) INTO differs;
        IF differs THEN
            EXECUTE format('DELETE FROM public.%I', name);
            EXECUTE format('INSERT INTO public.%1$I TABLE template.%1$I', name);
        END IF;
    END LOOP;
END $$
"""
SHAPE = """
SELECT md5(string_agg(name, ' ' ORDER BY name)) FROM (
    SELECT attrelid::regclass || '.' || attname AS name FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tgname || tgenabled::text FROM pg_trigger
) AS names
"""
# Whoever is connected besides us and the app: what a test has left behind, or has killed.
END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
AND pid <> pg_backend_pid() AND NOT pid = ANY(%s)
"""


class PostgresStage(Stage):
    """The template is a schema beside the product's own, in the same database."""

    def __init__(self, app: Flask, server: Postgres) -> None:
        super().__init__(app)
        self.server = server
        self.pids: set[int] = set()
        with app.app_context():
            event.listen(db.engine, "connect", self._connected)
        server.create_database("template_clinic", "clinic")
        self._open()

    def _connected(self, connection: Any, _record: Any) -> None:
        self.pids.add(connection.info.backend_pid)

    def _open(self) -> None:
        self.own = self.server.connect("clinic")
        self.own.execute("SET lock_timeout = '2s'")
        self.own.execute("CREATE SCHEMA template")
        for (name,) in self._all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            self.own.execute(f"CREATE TABLE template.{name} AS TABLE public.{name}")
        self.own.execute(PUT_BACK)
        self.shape = self._all(SHAPE)

    def _all(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.own.execute(question, values or None).fetchall()

    def put_back(self) -> None:
        self.app.extensions["kept"].clear()
        self.app.extensions["sites"].clear()
        with self.app.app_context():
            db.session.remove()
        try:
            self._all(END_OTHERS, list(self.pids))
            self._all("SELECT template.put_back()")
            if self._all(SHAPE) == self.shape:
                return
        except psycopg.Error:  # the server was killed, or somebody holds a lock
            pass
        self._make_anew()

    def close(self) -> None:
        """For the end, before the server's."""
        self.leave()
        self.own.close()

    def _make_anew(self) -> None:
        self.close()
        self.server.drop_database("clinic")
        self.server.create_database("clinic", "template_clinic")
        self.pids.clear()
        self._open()
