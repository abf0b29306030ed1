"""A retried form or call works once: the stored answer is given again."""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core import clock, running
from clinic.core.data.db import Base, UtcDateTime, db, insert_new, transactional
from clinic.core.data.trips import writing
from clinic.core.data.trips.rows import Again
from clinic.core.errors import N_, ClinicError, Conflict

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 80  # as KeyTooLong says


class KeyReused(Conflict):
    """`answer` is what was answered when the key came first."""

    code, title = "key_reused", N_("This form was already sent with other details")

    def __init__(self, answer: str = "") -> None:
        super().__init__()
        self.answer = answer


class KeyTooLong(ClinicError):
    code, title = "key_too_long", N_("An idempotency key has at most 80 characters")


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.Index(None, "created_at"),)

    user_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    route: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), primary_key=True)
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def once(mine: "Key | None", command: Callable[[], str]) -> str:
    """Return what `command` answers, or answered before to the same key.

    Raises KeyReused when the key came with another body or to another address. A command that
    raises leaves no key. With a key the command runs in one transaction with it, without one in
    its own.
    """
    return _under(mine, command) if mine else command()


@dataclass(frozen=True, slots=True)
class Key:
    """What a retry has in common with what it repeats; `body_hash` tells whether it does."""

    user_id: UUID
    route: str
    key: str
    body_hash: str
    hash_before: str  # what it was while it left the address out: rows of the last release have it

    @property
    def row(self) -> dict[str, object]:
        return {"user_id": self.user_id, "route": self.route, "key": self.key}


def key_of(
    user_id: UUID, route: str, key: str | None, body: Mapping[str, str], address: str = ""
) -> Key | None:
    """`address` is the method and the path, where one route has many. Raises KeyTooLong. Without a
    key nothing is remembered."""
    if not key:
        return None
    if len(key) > LONGEST_KEY:
        raise KeyTooLong
    before = _digest(body)
    return Key(user_id, route, key, _digest({**body, "": address}) if address else before, before)


@transactional
def _under(mine: Key, command: Callable[[], str]) -> str:
    if not _claim(**mine.row, body_hash=mine.body_hash, answer="", created_at=clock.now()):
        return _stored(mine)
    answer = command()
    db.session.execute(sa.update(IdempotencyKey).filter_by(**mine.row).values(answer=answer))
    return answer


# For a command that asks for the stored answer with all else it asks under its locks, and hands the
# new one over with its other rows. A twin whom no lock holds back is refused by the primary key,
# runs again and finds the answer.
STORED = sa.and_(
    IdempotencyKey.user_id == sa.bindparam("key_user_id"),
    IdempotencyKey.route == sa.bindparam("key_route"),
    IdempotencyKey.key == sa.bindparam("key_key"),
)


def asked_with(key: Key | None) -> dict[str, object]:
    """The values of `STORED`."""
    if key is None:
        return {"key_user_id": None, "key_route": None, "key_key": None}
    return {"key_user_id": key.user_id, "key_route": key.route, "key_key": key.key}


def answer_to(key: Key | None, stored_hash: str | None, answer: str | None) -> str | None:
    """None if the key is new. Raises KeyReused."""
    if key is None or stored_hash is None:
        return None
    if stored_hash not in (key.body_hash, key.hash_before):
        raise KeyReused(answer or "")
    return answer


def keep(key: Key | None, answer: str) -> None:
    """Hand over the answer that a retry shall have."""
    if key:
        row = {"body_hash": key.body_hash, "answer": answer, "created_at": clock.now()}
        writing.hand_over(
            IdempotencyKey, {**key.row, **row}, refusals={"pk_idempotency_keys": Again}
        )


def _digest(body: Mapping[str, str]) -> str:
    """Under a key: a body may hold a password, and a plain hash of one is soon guessed."""
    key = running.settings().link_key.encode()
    return hmac.new(key, json.dumps(dict(body), sort_keys=True).encode(), "sha256").hexdigest()


def _claim(**row: object) -> bool:
    # On PostgreSQL this waits for a twin in flight, and inserts if the twin rolled back.
    statement = insert_new(IdempotencyKey).values(**row)
    # RETURNING, because psycopg reports no row count for an insert.
    return db.session.execute(statement.returning(IdempotencyKey.key)).first() is not None


def _stored(mine: Key) -> str:
    row = db.session.execute(
        sa.select(IdempotencyKey.body_hash, IdempotencyKey.answer).filter_by(**mine.row)
    ).one()
    return answer_to(mine, row.body_hash, row.answer) or ""


@transactional
def forget_old() -> int:
    """Remove keys older than a day. Returns how many."""
    gone = db.session.execute(
        sa.delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEPT_FOR)
    )
    return gone.rowcount  # type: ignore[attr-defined]
