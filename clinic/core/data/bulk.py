"""Many rows at once, by statements whose text does not grow with them.

A text of a thousand parameters is put together, taken apart and planned anew each time. PostgreSQL
takes new rows as one text of JSON, for half the cost of arrays or of sending each; what is asked or
changed it takes as an array a column. SQLite, to which nothing is sent, keeps plain statements.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute

from clinic.core.data.db import Base, db, insert_new, is_sqlite, must_be_writing


def among(column: InstrumentedAttribute[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Is it one of these? Like `in_`, for many."""
    if is_sqlite():
        return column.in_(values)
    return column == sa.any_(sa.literal([*values], postgresql.ARRAY(column.type)))


def among_given(column: sa.ColumnElement[Any], name: str, sqlite: bool) -> sa.ColumnElement[bool]:
    """The same for a statement that is made once: its values are given by `name` to each run."""
    if sqlite:
        return column.in_(sa.bindparam(name, expanding=True))
    return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(column.type)))


def insert_all(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns. Raises IntegrityError for a known one.

    Columns that no row names get what the database itself puts there.
    """
    _insert(model, rows, known_stay=False)


def insert_unknown(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """The same, but a known row stays as it is. Returns how many are new."""
    return _insert(model, rows, known_stay=True)


def _insert(model: type[Base], rows: Sequence[Mapping[str, Any]], known_stay: bool) -> int:
    must_be_writing()
    if not rows:
        return 0
    table = model.metadata.tables[model.__tablename__]
    if is_sqlite():
        statement: sa.Insert = insert_new(table) if known_stay else sa.insert(table)
        values: Any = [*rows]
    else:
        statement = _from_json(table, tuple(rows[0]), known_stay)
        values = {"rows": json.dumps(rows, default=_as_word)}
    options = {"preserve_rowcount": True}
    return db.session.execute(statement, values, execution_options=options).rowcount  # type: ignore[attr-defined]


@lru_cache(maxsize=64)
def _from_json(table: sa.Table, names: tuple[str, ...], known_stay: bool) -> sa.Insert:
    columns = [sa.column(name, _sent_as(table.c[name])) for name in names]
    rows = sa.cast(sa.bindparam("rows", type_=sa.Text()), sa.JSON())
    row = sa.func.json_to_recordset(rows).table_valued(*columns, name="row")
    source = sa.select(row.render_derived(with_types=True))
    insert = postgresql.insert(table).from_select(names, source, include_defaults=False)
    return insert.on_conflict_do_nothing() if known_stay else insert


def _sent_as(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    """Words as plain text: taken as the column's own type they would be cut off in silence."""
    return sa.Text() if isinstance(column.type, sa.String) else column.type


def _as_word(value: object) -> str:
    """What JSON has no form for. Raises ValueError for a time without a zone, TypeError."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be handed over in bulk")


def update_all(table: sa.Table, keys: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> None:
    """Update the rows that have these `keys`: one statement for all that change the same columns.

    Nothing else may change them meanwhile: lock them first.
    """
    must_be_writing()
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        alike[tuple(row)].append(row)
    for names, some in alike.items():
        if is_sqlite():
            each = [{f"new_{name}": row[name] for name in names} for row in some]
            db.session.execute(_one_by_one(table, keys, names), each)
        else:
            lists = {f"new_{name}": [row[name] for row in some] for name in names}
            db.session.execute(_all_at_once(table, keys, names), lists)


@lru_cache(maxsize=64)
def _one_by_one(table: sa.Table, keys: tuple[str, ...], names: tuple[str, ...]) -> sa.Update:
    new = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return _update(table, keys, new)


@lru_cache(maxsize=64)
def _all_at_once(table: sa.Table, keys: tuple[str, ...], names: tuple[str, ...]) -> sa.Update:
    types = {name: postgresql.ARRAY(_sent_as(table.c[name])) for name in names}
    arrays = [sa.bindparam(f"new_{name}", type_=kind) for name, kind in types.items()]
    row = sa.func.unnest(*arrays).table_valued(*names, name="row").render_derived()
    return _update(table, keys, {name: row.c[name] for name in names})


def _update(
    table: sa.Table, keys: tuple[str, ...], new: Mapping[str, sa.ColumnElement[Any]]
) -> sa.Update:
    which = (table.c[name] == new[name] for name in keys)
    changes = {name: value for name, value in new.items() if name not in keys}
    return sa.update(table).where(*which).values(changes)
