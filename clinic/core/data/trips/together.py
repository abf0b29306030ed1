"""Several reads as one statement, for the few that are asked most: one trip, and little around it.

SQLAlchemy puts such a statement together once. Then its text goes to the driver as it is: what a
session, a compiled form and rows with names cost is more than what PostgreSQL needs to answer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from clinic.core.data.db import db, reading_engine

Row = tuple[Any, ...]
Values = Mapping[str, Any]  # as the driver takes them: instants are aware, ids are UUIDs


class Together:
    """Named reads of two columns or more. Each row of the answer says which of them it is of.

    A column stands at the same place as those of its type in the other reads: rows stay narrow.
    """

    def __init__(self, **reads: sa.Select[*tuple[Any, ...]]) -> None:
        types, places = _places(reads)
        self.statement = sa.union_all(
            *(
                _placed(number, read, places[number], types)
                for number, read in enumerate(reads.values())
            )
        )
        # The number of the read stands first, so all places are one further on.
        self._reads: list[tuple[str, Callable[[Row], Row]]] = [
            (name, itemgetter(*(place + 1 for place in taken)))
            for name, taken in zip(reads, places, strict=True)
        ]
        self._texts: dict[str, tuple[str, Values]] = {}

    def ask(self, values: Values) -> Mapping[str, list[Row]]:
        """The rows of each read by its name."""
        return self.apart(self._rows(values))

    def apart(self, rows: Iterable[Row]) -> Mapping[str, list[Row]]:
        """The same of rows of `statement`, whoever asked for them."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            name, columns_of = self._reads[row[0]]
            found[name].append(columns_of(row))
        return found

    def _rows(self, values: Values) -> Iterable[Row]:
        engine = reading_engine()
        rows = None if engine is None else self._by_driver(engine, values)
        if rows is None:
            rows = [tuple(row) for row in db.session.execute(self.statement, values)]
        return rows

    def _by_driver(self, engine: Engine, values: Values) -> list[Row] | None:
        """None from a connection that was lost: reading twice is harmless, the plain way."""
        text, constants = self._text(engine.dialect, values)
        values = {**constants, **values}
        with engine.connect() as connection:
            cursor = connection.connection.cursor()
            # Who counts statements hears of this one, too.
            connection.dispatch.before_cursor_execute(connection, cursor, text, values, None, False)
            try:
                cursor.execute(text, values)
                return list(cursor.fetchall())
            except engine.dialect.loaded_dbapi.Error as error:
                if not engine.dialect.is_disconnect(error, connection.connection, cursor):
                    raise _as_ever(engine, text, error) from error
                connection.invalidate()
                return None

    def _text(self, dialect: Dialect, values: Values) -> tuple[str, Values]:
        """As the driver reads it, and the values that are the same each time."""
        if dialect.name not in self._texts:
            compiled = self.statement.compile(dialect=dialect)
            # What SQLAlchemy would write into the text at each execution stands in it from now on.
            made = compiled.construct_expanded_state(dict(values))
            constants = {name: one for name, one in made.parameters.items() if name not in values}
            self._texts[dialect.name] = made.statement, constants
        return self._texts[dialect.name]


def _as_ever(engine: Engine, text: str, error: Exception) -> Exception:
    """The driver's error as SQLAlchemy tells it; without values, which are patients'."""
    driver_error = engine.dialect.loaded_dbapi.Error
    return DBAPIError.instance(
        text, None, error, driver_error, hide_parameters=True, dialect=engine.dialect
    )


def _places(
    reads: Mapping[str, sa.Select[*tuple[Any, ...]]],
) -> tuple[list[TypeEngine[Any]], list[list[int]]]:
    """The types of the shared columns, and which of them each read takes for its own."""
    types: list[TypeEngine[Any]] = []
    places = []
    for read in reads.values():
        taken: list[int] = []
        for column in read.selected_columns:
            fitting = (at for at, one in enumerate(types) if type(one) is type(column.type))
            place = next((at for at in fitting if at not in taken), len(types))
            if place == len(types):
                types.append(column.type)
            taken.append(place)
        places.append(taken)
    return types, places


def _placed(
    number: int, read: sa.Select[*tuple[Any, ...]], places: list[int], types: list[TypeEngine[Any]]
) -> sa.Select[*tuple[Any, ...]]:
    """The read with its number, its columns at their places, and nulls at all others.

    The first SELECT of a union tells the types; of the others a bare NULL is enough. That matters:
    psycopg reads a text of more than 4,096 characters anew each time.
    """
    columns: list[Any] = [
        sa.cast(sa.null(), one).label(f"c{place}") if number == 0 else sa.literal_column("NULL")
        for place, one in enumerate(types)
    ]
    for place, column in zip(places, read.selected_columns, strict=True):
        columns[place] = column.label(f"c{place}")
    return read.with_only_columns(
        sa.literal_column(str(number), sa.Integer).label("read"), *columns
    )
