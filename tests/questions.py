"""What the database is asked meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from clinic.core.data.db import db


@contextmanager
def asked() -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_connection, _cursor, statement, *_):
        heard.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", hear)
