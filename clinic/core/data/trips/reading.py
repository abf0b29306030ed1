"""The session: what is read outside of a command costs one trip to the server, and may be asked
again."""

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import current_app
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from clinic.core.data.trips import rows

R = TypeVar("R")


class ReadingSession(FlaskSession):
    """Reads outside a command open no transaction: on PostgreSQL each sees what is committed then
    anyway, and BEGIN and ROLLBACK would cost a page two more trips to the server.

    So each can be asked again by itself, should the server have hung up before it answered.
    """

    def execute(self, *args: Any, **kwargs: Any) -> sa.Result[Any]:
        return self._read(super().execute, args, kwargs)

    def scalar(self, *args: Any, **kwargs: Any) -> Any:
        return self._read(super().scalar, args, kwargs)

    def scalars(self, *args: Any, **kwargs: Any) -> sa.ScalarResult[Any]:
        return self._read(super().scalars, args, kwargs)

    def _read(self, ask: Callable[..., R], args: Any, kwargs: Any) -> R:
        if self.info.get("writing"):
            return ask(*args, **kwargs)
        try:
            return ask(*args, **kwargs)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self.rollback()
        return ask(*args, **kwargs)

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        engine = super().get_bind(*args, **kwargs)
        return engine if self.info.get("writing") else _reading(engine)


@event.listens_for(ReadingSession, "before_commit")
def _before_savepoint_ends(session: Session) -> None:
    """Or a row that is refused there would be refused too late to be taken back alone."""
    if session.in_nested_transaction():
        rows.write_waiting(session.connection())


def _reading(engine: Engine | Connection) -> Engine | Connection:
    """SQLite stays as it is: there a transaction is what gives a page one picture."""
    return current_app.extensions["reading_engines"].get(engine, engine)
