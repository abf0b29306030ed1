"""Events (insert-only), one delivery per handler, and background tasks."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, append_only, id_column

MOST_ATTEMPTS = 5


class EventRow(Base):
    __tablename__ = "events"
    __table_args__ = (
        sa.Index(None, "organisation_id", "at"),
        sa.Index(None, "name", "at"),
    )

    id: Mapped[UUID] = id_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    name: Mapped[str] = mapped_column(sa.String(60))
    topic: Mapped[str] = mapped_column(sa.String(60))
    organisation_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    actor_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    actor_role: Mapped[str] = mapped_column(sa.String(20))
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


append_only(EventRow.__table__)  # type: ignore[arg-type]


class EventDelivery(Base):
    """One event for one LATER handler. `done_at` and `set_aside_at` end it."""

    __tablename__ = "event_deliveries"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "handler"),
        sa.Index(
            "ix_event_deliveries_due",
            "due_at",
            sqlite_where=sa.text("done_at IS NULL AND set_aside_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL AND set_aside_at IS NULL"),
        ),
        # A few among millions, which every look at the figures counts.
        sa.Index(
            "ix_event_deliveries_set_aside",
            "set_aside_at",
            sqlite_where=sa.text("set_aside_at IS NOT NULL"),
            postgresql_where=sa.text("set_aside_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = id_column()
    event_id: Mapped[UUID] = mapped_column(sa.ForeignKey("events.id"))
    handler: Mapped[str] = mapped_column(sa.String(80))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(sa.String(300))


class BackgroundTask(Base):
    """Work a person may ask about: what, about what, and how it went."""

    __tablename__ = "background_tasks"
    __table_args__ = (
        sa.UniqueConstraint("kind", "about_id"),
        sa.Index(
            "ix_background_tasks_due",
            "due_at",
            sqlite_where=sa.text("status IN ('queued', 'running')"),
            postgresql_where=sa.text("status IN ('queued', 'running')"),
        ),
        sa.Index(None, "about_id"),
        sa.CheckConstraint("status IN ('queued', 'running', 'succeeded', 'failed')", name="status"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    kind: Mapped[str] = mapped_column(sa.String(40))
    about_id: Mapped[UUID] = mapped_column(sa.Uuid)
    status: Mapped[str] = mapped_column(sa.String(12), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    error_message: Mapped[str | None] = mapped_column(sa.String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
