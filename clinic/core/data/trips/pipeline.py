"""Several statements to PostgreSQL in one trip: the only place that goes beneath SQLAlchemy.

SQLAlchemy wants the answer of a statement before it sends the next one, so a trip is made with the
driver's own cursors, in its pipeline mode. Everything else of a transaction stays SQLAlchemy's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

BEGIN = "begin"  # in `connection.info`: the transaction is open, and the server not yet told


def prepare(engine: Engine) -> None:
    """BEGIN goes with the first statement of a write transaction instead of ahead of it.

    psycopg waits for the answer to its own BEGIN even in a pipeline. So the driver is in its
    autocommit mode, as it is for reads, and this module says BEGIN.
    """

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            connection.info[BEGIN] = True

    @event.listens_for(engine, "before_cursor_execute")
    def _first_statement(connection: Connection, *_: Any) -> None:
        if connection.info.pop(BEGIN, False):
            with _in_sqlalchemys_words(connection):
                driver_of(connection).execute("BEGIN", prepare=False)

    @event.listens_for(engine, "commit")
    def _to_be_committed(connection: Connection) -> None:
        # The server answers COMMIT of a failed transaction by a ROLLBACK, and calls it no error.
        if driver_of(connection).info.transaction_status == TransactionStatus.INERROR:
            raise RuntimeError("a statement has failed, so nothing can be stored")

    @event.listens_for(engine, "reset")
    def _given_back(_driver: Any, record: Any, _state: Any) -> None:
        record.info.pop(BEGIN, None)


def driver_of(connection: Connection) -> psycopg.Connection:
    """The driver's connection beneath SQLAlchemy's."""
    driver: psycopg.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]
    return driver


class Trip:
    """Statements that go to the server together; their cursors have rows when the trip is over."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver = driver_of(connection)

    def send(self, statement: str, values: Mapping[str, Any] | Sequence[Any]) -> psycopg.Cursor:
        cursor = self.driver.cursor()
        self._tell_listeners(cursor, statement, values)
        return cursor.execute(statement, values)

    def _tell_listeners(self, cursor: psycopg.Cursor, statement: str, values: Any) -> None:
        """Whoever counts or logs statements hears of these, too."""
        connection = self.connection
        connection.dispatch.before_cursor_execute(
            connection, cursor, statement, values, None, False
        )

    def end(self) -> None:
        """COMMIT, as the last of the trip. SQLAlchemy's own then finds nothing left to do."""
        self.has_run()  # whoever hears no answer now cannot know, so nothing may be repeated
        # Not the driver's commit(): it waits for its answer, and the end of the trip does again.
        self.driver.execute("COMMIT", prepare=False)

    def has_run(self) -> None:
        """As `connections` notes it of SQLAlchemy's statements."""
        ran = self.connection.get_execution_options().get("ran")
        if ran is not None:
            ran.append(True)


@contextmanager
def one_trip(connection: Connection) -> Iterator[Trip]:
    """Raises what SQLAlchemy would have raised for the statements."""
    trip = Trip(connection)
    with _in_sqlalchemys_words(connection), trip.driver.pipeline():
        if connection.info.pop(BEGIN, False):
            trip.driver.execute("BEGIN", prepare=False)
        yield trip
    trip.has_run()


@contextmanager
def _in_sqlalchemys_words(connection: Connection) -> Iterator[None]:
    dialect, driver = connection.dialect, driver_of(connection)
    try:
        yield
    except psycopg.Error as error:
        is_gone = dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        if is_gone:
            connection.invalidate(error)
        raise sa.exc.DBAPIError.instance(
            None,
            None,
            error,
            psycopg.Error,
            hide_parameters=True,  # values would put patients into the logs
            connection_invalidated=is_gone,
            dialect=dialect,
        ) from error
