"""How often the product waits for PostgreSQL, as libpq's own trace of the wire tells it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import sqlalchemy as sa
from psycopg.pq import Trace

from clinic.core.data.db import db

READY = "ReadyForQuery"  # what the server says at the end of each trip


@dataclass
class Trips:
    """`wire` is what was sent (F) and came back (B)."""

    wire: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(READY in line for line in self.wire)


@contextmanager
def trips() -> Iterator[Trips]:
    """Of all connections that are taken from the pool in the block. Needs an app context."""
    made = Trips()
    traced: dict[Any, IO[str]] = {}

    def trace(driver: Any, _record: Any, _proxy: Any) -> None:
        if driver not in traced:
            traced[driver] = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed below
            driver.pgconn.trace(traced[driver].fileno())
            driver.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)

    engine = db.engine
    db.session.rollback()
    sa.event.listen(engine, "checkout", trace)
    try:
        yield made
    finally:
        sa.event.remove(engine, "checkout", trace)
        for driver, file in traced.items():
            driver.pgconn.untrace()
            file.seek(0)
            made.wire += file.read().splitlines()
            file.close()
