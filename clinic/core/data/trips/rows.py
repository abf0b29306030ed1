"""New rows wait until the end of a transaction and are written by one statement.

They wait with the connection, in the order in which they were handed over. Whatever else is sent
on that connection finds them written: nobody need think of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine

from clinic.core.data.trips.pipeline import one_trip

WAITING = "waiting_rows"  # in `connection.info`
MOST_TOGETHER = 50  # rows in one statement; more are sent by the driver's executemany
UNIQUE = (sa.PrimaryKeyConstraint, sa.UniqueConstraint)
Row = Mapping[str, Any]


class Again(Exception):
    """Somebody was faster, or a drawn number is taken: the whole command is to be run again."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Of one table and with the same columns, and what its constraints mean when they refuse."""

    table: sa.Table
    rows: Sequence[Row]
    refusals: Mapping[str, type[Exception]]  # by the constraint's name


def prepare(engine: Engine) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def _before_anything_else(connection: Connection, *_: Any) -> None:
        write_waiting(connection)

    @event.listens_for(engine, "rollback_savepoint")
    def _undone(connection: Connection, *_: Any) -> None:
        # All that came before the savepoint was written ahead of it.
        connection.info.pop(WAITING, None)

    @event.listens_for(engine, "reset")
    def _given_back(_driver: Any, record: Any, _state: Any) -> None:
        record.info.pop(WAITING, None)


def wait(connection: Connection, rows: Rows) -> None:
    connection.info.setdefault(WAITING, []).append(rows)


def write_waiting(connection: Connection) -> None:
    """Write what waits.

    Raises what the refusals of the rows say of the constraint, or else IntegrityError.
    """
    if WAITING in connection.info:
        _write(connection, and_commit=False)


def write_last(connection: Connection) -> None:
    """The same, on PostgreSQL with the COMMIT in the same trip.

    Where nothing waits that is left to SQLAlchemy.
    """
    if WAITING in connection.info:
        _write(connection, and_commit=True)


def _write(connection: Connection, and_commit: bool) -> None:
    waiting: list[Rows] = connection.info.pop(WAITING)
    try:
        if connection.dialect.name == "sqlite":
            _one_by_one(connection, waiting)
        else:
            _together(connection, waiting, and_commit)
    except sa.exc.IntegrityError as error:
        _refuse(error, waiting)
        raise


def _one_by_one(connection: Connection, waiting: Sequence[Rows]) -> None:
    for one in waiting:
        connection.execute(sa.insert(one.table), [dict(row) for row in one.rows])


def _together(connection: Connection, waiting: Sequence[Rows], and_commit: bool) -> None:
    if sum(len(one.rows) for one in waiting) > MOST_TOGETHER:
        _one_by_one(connection, waiting)
        waiting = ()
    if not waiting and not and_commit:
        return
    with one_trip(connection) as trip:
        if waiting:
            trip.send(*_statement(waiting, connection.dialect))
        if and_commit:
            trip.end()


def _statement(waiting: Sequence[Rows], dialect: Dialect) -> tuple[str, list[Any]]:
    """One statement; the order inside does not matter: foreign keys are checked at its end."""
    shape = tuple((one.table, tuple(one.rows[0]), len(one.rows)) for one in waiting)
    statement, processors = _shaped(shape, dialect)
    given = [value for one in waiting for row in one.rows for value in row.values()]
    return statement, [
        process(value) if process else value
        for process, value in zip(processors, given, strict=True)
    ]


Shape = tuple[tuple[sa.Table, tuple[str, ...], int], ...]


@lru_cache(maxsize=500)
def _shaped(shape: Shape, dialect: Dialect) -> tuple[str, list[Any]]:
    """The SQL, and what each value in turn goes through on its way to the driver."""
    inserts, processors = [], []
    for table, columns, many in shape:
        names = ", ".join(dialect.identifier_preparer.quote(table.c[one].name) for one in columns)
        marks = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * many)
        into = dialect.identifier_preparer.format_table(table)
        inserts.append(f"INSERT INTO {into} ({names}) VALUES {marks}")  # noqa: S608 - of models
        of_row = [_processor(table.c[one], dialect) for one in columns]
        processors += of_row * many
    *first, last = inserts
    parts = ", ".join(f"w{number} AS ({insert})" for number, insert in enumerate(first))
    return (f"WITH {parts} {last}" if first else last), processors


def _processor(column: sa.Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _refuse(error: sa.exc.IntegrityError, waiting: Sequence[Rows]) -> None:
    for one in waiting:
        refusal = one.refusals.get(_violated(error, one.table) or "")
        if refusal:
            raise refusal from error


def _violated(error: sa.exc.IntegrityError, table: sa.Table) -> str | None:
    """The name of the constraint. SQLite names the columns only."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis:
        return diagnosis.constraint_name if diagnosis.table_name == table.name else None
    said = str(error.orig)
    keys = [one for one in table.constraints if isinstance(one, UNIQUE)]
    for one in (*(index for index in table.indexes if index.unique), *keys):
        columns = ", ".join(f"{table.name}.{column.name}" for column in one.columns)
        if said.partition(": ")[2] == columns:
            return str(one.name)
    return None
