"""How connections to the database are made, what each is told first, and what if one is dropped."""

import select
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, DisconnectionError

from clinic.config import Settings

R = TypeVar("R")

BUSY_TIMEOUT_S = 30
# One interpreter keeps no more than these at work. The rest are for those who wait for a lock.
POOLED, MORE_UNDER_LOAD = 10, 20
PREPARED = 200  # statements a connection keeps; psycopg's own 100 are few for all pages together


def options(settings: Settings) -> dict[str, object]:
    # An error's text carries no values: they would put patients into the logs.
    shared: dict[str, object] = {"hide_parameters": True}
    if settings.sqlite:
        return shared
    return {
        **shared,
        "pool_size": POOLED,
        "max_overflow": MORE_UNDER_LOAD,
        "pool_use_lifo": True,  # the one used last has most statements prepared
        "connect_args": {
            "prepare_threshold": 0,  # at the first use: a pool spreads the first five over many
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


def prepare_postgres(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.prepared_max = PREPARED

    @event.listens_for(engine, "checkout")
    def _taken(connection: Any, _record: Any, _proxy: Any) -> None:
        if _is_dropped(connection):
            raise DisconnectionError  # the pool makes another in its place

    @event.listens_for(engine, "after_cursor_execute")
    def _ran(connection: Connection, *_: Any) -> None:
        ran = connection.get_execution_options().get("ran")
        if ran is not None:
            ran.append(True)


def _is_dropped(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server has hung up meanwhile, as far as this machine has heard of it.

    Of a quiet connection there is nothing to read, which a look at the socket tells: a ping would
    be a statement for each transaction. What there is to read may be the end, or only news.
    """
    link = connection.pgconn
    for _ in range(3):  # the server's last words, then the end
        if not _something_to_read(link.socket):
            return False
        try:
            link.consume_input()
        except psycopg.OperationalError:
            return True
    return False


def _something_to_read(socket: int) -> bool:
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return bool(waiting.poll(0))


def once_more_if_dropped(ask: Callable[[list[bool]], R]) -> R:
    """What `ask` returns. It is called again, once, if the connection was gone at its first words.

    It is given a list, which it passes on as the option `ran`: something in it says that a
    statement has succeeded. From then on nobody knows what was stored, so nothing is repeated.
    """
    ran: list[bool] = []
    try:
        return ask(ran)
    except DBAPIError as error:
        if ran or not error.connection_invalidated:
            raise
    return ask(ran)
