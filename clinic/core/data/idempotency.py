"""A retried form or call works once: the stored answer is given again."""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core import clock, running
from clinic.core.data.db import Base, UtcDateTime, db, insert_new, transactional
from clinic.core.errors import N_, ClinicError, Conflict

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 80  # as KeyTooLong says


class KeyReused(Conflict):
    code, title = "key_reused", N_("This form was already sent with other details")


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


def once(
    user_id: UUID, route: str, key: str | None, body: Mapping[str, str], command: Callable[[], str]
) -> str:
    """Return what `command` answers, or answered before to this user, route and key.

    Raises KeyReused when the key came with another body, and KeyTooLong. A command that raises
    leaves no key. With a key the command runs in one transaction with it, without one in its own.
    """
    if not key:
        return command()
    if len(key) > LONGEST_KEY:
        raise KeyTooLong
    return _under({"user_id": user_id, "route": route, "key": key}, body, command)


@transactional
def _under(mine: Mapping[str, object], body: Mapping[str, str], command: Callable[[], str]) -> str:
    digest = _digest(body)
    if not _claim(**mine, body_hash=digest, answer="", created_at=clock.now()):
        return _stored(mine, digest)
    answer = command()
    db.session.execute(sa.update(IdempotencyKey).filter_by(**mine).values(answer=answer))
    return answer


def _digest(body: Mapping[str, str]) -> str:
    """Under a key: a body may hold a password, and a plain hash of one is soon guessed."""
    key = running.settings().link_key.encode()
    return hmac.new(key, json.dumps(dict(body), sort_keys=True).encode(), "sha256").hexdigest()


def _claim(**row: object) -> bool:
    # On PostgreSQL this waits for a twin in flight, and inserts if the twin rolled back.
    statement = insert_new(IdempotencyKey).values(**row)
    # RETURNING, because psycopg reports no row count for an insert.
    return db.session.execute(statement.returning(IdempotencyKey.key)).first() is not None


def _stored(mine: Mapping[str, object], digest: str) -> str:
    row = db.session.execute(
        sa.select(IdempotencyKey.body_hash, IdempotencyKey.answer).filter_by(**mine)
    ).one()
    if row.body_hash != digest:
        raise KeyReused
    return row.answer


@transactional
def forget_old() -> int:
    """Remove keys older than a day. Returns how many."""
    gone = db.session.execute(
        sa.delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEPT_FOR)
    )
    return gone.rowcount  # type: ignore[attr-defined]
