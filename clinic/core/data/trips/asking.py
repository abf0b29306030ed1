"""Questions that are known together are asked together."""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy.engine import Connection, Dialect

from clinic.core.data.db import db
from clinic.core.data.trips import rows
from clinic.core.data.trips.pipeline import Trip, one_trip


class Question:
    """A statement of Core, made ready once. Lists as parameters are not possible."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._ready: _Ready | None = None

    def ready(self, dialect: Dialect, values: Mapping[str, Any]) -> "_Ready":
        if self._ready is None:
            self._ready = _Ready(self.statement, dialect, values)
        return self._ready


class _Ready:
    """What SQLAlchemy makes of a statement at each execution, kept: its SQL, and the ways of values
    to the driver and back."""

    def __init__(self, statement: Any, dialect: Dialect, values: Mapping[str, Any]) -> None:
        compiled = statement.compile(dialect=dialect)
        expanded = compiled.construct_expanded_state(dict(values))
        self.sql = expanded.statement
        found = {
            name: one.type.dialect_impl(dialect).bind_processor(dialect)
            for name, one in compiled.binds.items()
        }
        self.to_driver = {name: process for name, process in found.items() if process}
        self.constants = self._sent(
            {name: value for name, value in expanded.parameters.items() if name not in values}
        )
        columns = list(statement.exported_columns)
        self.row = namedtuple("Row", [one.key for one in columns], rename=True)  # type: ignore[misc]
        back = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns]
        self.from_driver = [(place, process) for place, process in enumerate(back) if process]

    def _sent(self, values: Mapping[str, Any]) -> dict[str, Any]:
        sent = dict(values)
        for name, process in self.to_driver.items():
            if name in sent:
                sent[name] = process(sent[name])
        return sent

    def send(self, trip: Trip, values: Mapping[str, Any]) -> psycopg.Cursor:
        return trip.send(self.sql, self.constants | self._sent(values))

    def rows(self, cursor: psycopg.Cursor) -> list[Any]:
        rows = []
        for found in cursor.fetchall():
            values = list(found)
            for place, process in self.from_driver:
                values[place] = process(values[place])
            rows.append(self.row(*values))
        return rows


Asked = tuple[Question, Mapping[str, Any]]


def ask(*asked: Asked) -> list[list[Any]]:
    """The rows of each question; on PostgreSQL of all in one trip.

    In this order, each a statement of its own: one that follows a lock sees what was committed
    while the lock was waited for.
    """
    db.session.flush()
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        return [list(connection.execute(one.statement, values)) for one, values in asked]
    return _ask_together(connection, asked)


def _ask_together(connection: Connection, asked: Sequence[Asked]) -> list[list[Any]]:
    rows.write_waiting(connection)
    ready = [(one.ready(connection.dialect, values), values) for one, values in asked]
    with one_trip(connection) as trip:
        sent = [(one, one.send(trip, values)) for one, values in ready]
    return [one.rows(cursor) for one, cursor in sent]
