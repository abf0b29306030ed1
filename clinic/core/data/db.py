"""The database: one typed base, one commit place, reads that never take the write lock."""

import functools
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from clinic.core import clock
from clinic.core.data import connections
from clinic.core.data.trips import pipeline, rows
from clinic.core.data.trips.reading import ReadingSession

log = structlog.get_logger()

MOST_TRIES = 3  # of a command whose rows meet those of somebody who was faster
_WRITES = {"writes": True}
_WRITES_TOGETHER = {"writes": True, "isolation_level": "AUTOCOMMIT"}  # see pipeline.prepare
P = ParamSpec("P")
R = TypeVar("R")


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def reading_engine() -> Engine | None:
    """For a read by itself, on a connection of its own; None where it belongs to the session:
    inside a command, and on SQLite."""
    if db.session.registry.has() and db.session().info.get("writing"):
        return None
    return current_app.extensions["reading_engines"].get(db.engine)


db = SQLAlchemy(
    metadata=Base.metadata, session_options={"class_": ReadingSession, "expire_on_commit": False}
)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Naive values are refused; what comes back is aware UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":  # SQLite's DateTime text has one fixed width, so it sorts
            return dialect.type_descriptor(sa.DateTime())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def id_column() -> Mapped[UUID]:
    return mapped_column(sa.Uuid, primary_key=True, default=uuid4)


def append_only(table: sa.Table) -> None:
    """Let the database itself refuse to change or remove rows of `table`."""
    for dialect, statements in append_only_ddl(table.name).items():
        for statement in statements:
            ddl = sa.DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)


def append_only_ddl(name: str) -> dict[str, list[str]]:
    """The statements by dialect; migrations run the same ones."""
    refuse = f"SELECT RAISE(ABORT, '{name} is append-only');"
    return {
        "sqlite": [
            f"CREATE TRIGGER {name}_no_{verb} BEFORE {verb.upper()} ON {name} BEGIN {refuse} END"
            for verb in ("update", "delete")
        ],
        "postgresql": [
            f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{name} is append-only'; END $$",
            f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_refuse()",
        ],
    }


def init_app(app: Flask) -> None:
    db.init_app(app)
    app.extensions["reading_engines"] = {}
    with app.app_context():
        rows.prepare(db.engine)  # ahead of what says BEGIN: the first rows go with it
        if db.engine.dialect.name == "sqlite":
            connections.prepare_sqlite(db.engine)
        else:
            connections.prepare_postgres(db.engine)
            pipeline.prepare(db.engine)
            reading = db.engine.execution_options(isolation_level="AUTOCOMMIT")
            app.extensions["reading_engines"][db.engine] = reading


def transactional(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command in one write transaction; commands called inside it join it.

    The only place that commits. Reads made before it are ended first, so a command loads
    what it needs again, by id. What `after_commit` was given runs once the rows are safe.
    Should the server have hung up before it took a first statement, the command runs once more.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        session: Session = db.session()
        if session.info.get("writing"):
            return command(*args, **kwargs)
        for _ in range(MOST_TRIES - 1):
            try:
                return _run(session, lambda: command(*args, **kwargs))
            except rows.Again:
                log.info("command_runs_again", command=command.__qualname__)
        return _run(session, lambda: command(*args, **kwargs))

    return run


def _run(session: Session, command: Callable[[], R]) -> R:
    result = connections.once_more_if_dropped(lambda ran: _commit(session, ran, command))
    _run_after_commit(session)
    return result


def _commit(session: Session, ran: list[bool], command: Callable[[], R]) -> R:
    _open_writing(session, ran)
    try:
        result = command()
        session.flush()
        rows.write_last(session.connection())
        session.commit()
    except BaseException:
        session.info.pop("after_commit", None)  # first: a connection in a bad way may refuse
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)
    return result


def _open_writing(session: Session, ran: list[bool]) -> None:
    session.rollback()
    session.info["writing"] = True
    how = _WRITES if is_sqlite() else _WRITES_TOGETHER
    try:
        session.connection(execution_options={**how, "ran": ran})
    except BaseException:
        session.info.pop("writing", None)
        session.rollback()
        raise


def after_commit(key: str, call: Callable[[], None]) -> None:
    """Run `call` after the outermost commit, once per key; not at all after a rollback."""
    session: Session = db.session()
    if not session.info.get("writing"):
        call()
        return
    session.info.setdefault("after_commit", {})[key] = call


def following(key: str) -> Callable[[], None] | None:
    """What this transaction's `after_commit` was given under the key so far."""
    return db.session().info.get("after_commit", {}).get(key)


def _run_after_commit(session: Session) -> None:
    for call in session.info.pop("after_commit", {}).values():
        call()


def is_there(*conditions: sa.ColumnElement[bool]) -> bool:
    """Whether there is a row that meets them all."""
    return db.session.scalar(sa.select(sa.literal(1)).where(*conditions).limit(1)) is not None


def lease_clock(ahead: timedelta = timedelta(0)) -> sa.ColumnElement[datetime]:
    """Now (plus `ahead`) by the clock all workers share: the database server's, if there is one.

    PostgreSQL's now() stands still inside a transaction; clock_timestamp() does not.
    """
    if is_sqlite():
        return sa.literal(clock.now() + ahead, UtcDateTime)
    return sa.cast(sa.func.clock_timestamp(), UtcDateTime) + sa.literal(ahead, sa.Interval)


def must_be_writing() -> None:
    """Raise if a locking function is used outside `@transactional`."""
    if not db.session().info.get("writing"):
        raise RuntimeError("this belongs inside a @transactional command")


def one_at_a_time(*names: str) -> None:
    """Until this transaction ends no other one passes here with any of these names: read what they
    must not count beside one another afterwards. On SQLite whoever writes is alone anyway.
    """
    must_be_writing()
    if is_sqlite():
        return
    for number in sorted(set(map(_number_of, names))):  # in one order: nobody waits in a ring
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def insert_new(table: type[Base] | sa.Table) -> sa.Insert:
    """An INSERT that leaves a known row as it is.

    Ask by RETURNING whether it was new: psycopg reports no row count for an insert.
    """
    if is_sqlite():
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"
