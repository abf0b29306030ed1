"""Many rows at once, by statements whose text does not grow with them.

A text of a thousand parameters is put together, taken apart and planned anew each time. PostgreSQL
takes an array a column instead; SQLite, to which nothing is sent, keeps the plain statements.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute

from clinic.core.data.db import Base, db, insert_new, is_sqlite, must_be_writing


def among(column: InstrumentedAttribute[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Is it one of these? Like `in_`, for many."""
    if is_sqlite():
        return column.in_(values)
    return column == sa.any_(sa.literal([*values], postgresql.ARRAY(column.type)))


def insert_all(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows that all name the same columns; a known one stays as it is.

    Returns how many are new. Columns that no row names get what the database itself puts there.
    """
    must_be_writing()
    if not rows:
        return 0
    table = model.metadata.tables[model.__tablename__]
    options = {"preserve_rowcount": True}
    if is_sqlite():
        plain = db.session.execute(insert_new(table), [*rows], execution_options=options)
        return plain.rowcount  # type: ignore[attr-defined]
    names = tuple(rows[0])
    arrays = {name: [row[name] for row in rows] for name in names}
    inserted = db.session.execute(_from_arrays(table, names), arrays, execution_options=options)
    return inserted.rowcount  # type: ignore[attr-defined]


@lru_cache(maxsize=64)
def _from_arrays(table: sa.Table, names: tuple[str, ...]) -> sa.Insert:
    arrays = [sa.bindparam(name, type_=postgresql.ARRAY(_sent_as(table.c[name]))) for name in names]
    row = sa.func.unnest(*arrays).table_valued(*names, name="row").render_derived()
    source = sa.select(*(row.c[name] for name in names))
    insert = postgresql.insert(table).from_select(names, source, include_defaults=False)
    return insert.on_conflict_do_nothing()


def _sent_as(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    """Words as plain text: cast to the column's own type they would be cut off in silence."""
    return sa.Text() if isinstance(column.type, sa.String) else column.type
