"""How connections to the database are made, and what each is told first."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from clinic.config import Settings

BUSY_TIMEOUT_S = 30


def options(settings: Settings) -> dict[str, object]:
    # An error's text carries no values: they would put patients into the logs.
    shared: dict[str, object] = {"echo": settings.sql_echo, "hide_parameters": True}
    if settings.sqlite:
        return shared
    return {
        **shared,
        "pool_pre_ping": True,
        "pool_size": 20,
        "max_overflow": 20,
        "connect_args": {
            "options": "-c timezone=utc -c statement_timeout=30s -c lock_timeout=20s",
            "connect_timeout": 5,
        },
    }


def prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # this module says BEGIN, not the driver
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        # A deferred BEGIN that reads and then writes fails at once with "database is locked",
        # whatever the timeout; IMMEDIATE for reads would make readers queue.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
