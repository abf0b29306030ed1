"""Hand rows over instead of sending an INSERT for each: they are written at the end, together."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import make_transient_to_detached

from clinic.core.data.db import Base, db, must_be_writing
from clinic.core.data.trips import rows
from clinic.core.data.trips.rows import Row, Rows

Refusals = Mapping[str, type[Exception]]


def hand_over(model: type[Base], *new: Row, refusals: Refusals | None = None) -> None:
    """Rows of one shape, by column, whole: defaults of the model are not filled in.

    `refusals` says what a constraint means, by its name: an error of the room, or `rows.Again`.
    It is raised where the rows are written: by the next statement or at the outermost commit.
    """
    must_be_writing()
    if not new:
        return
    db.session.flush()  # in this order: these rows may belong to what was added before
    table: sa.Table = model.__table__  # type: ignore[assignment]
    rows.wait(db.session.connection(), Rows(table, new, refusals or {}))


def add(entity: Any, refusals: Refusals | None = None) -> None:
    """Hand over the row of a new entity, which from now on counts as loaded from there."""
    table: sa.Table = entity.__table__
    values: dict[str, Any] = {}
    for column in table.c:
        value = getattr(entity, column.key)
        values[column.key] = _default(column) if value is None else value
        setattr(entity, column.key, values[column.key])  # what is not set would be asked for
    hand_over(
        type(entity),
        {name: value for name, value in values.items() if value is not None},
        refusals=refusals,
    )
    make_transient_to_detached(entity)
    db.session.add(entity)


def _default(column: sa.Column[Any]) -> object:
    default: Any = column.default
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg
