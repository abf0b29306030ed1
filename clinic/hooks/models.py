"""Webhooks, what each of them is to be told, and every try to tell it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column

LONGEST_URL, LONGEST_DESCRIPTION, LONGEST_ANSWER = 500, 120, 2000  # characters
WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"
BY_HAND, FAILING, GONE = "by_hand", "failing", "gone"  # why one is paused
_IS_WAITING = sa.text("status = 'waiting'")


class Webhook(Base):
    """Where an organisation wants to be told of what happens, and of what. Deleted ones stay."""

    __tablename__ = "webhooks"
    __table_args__ = (
        sa.CheckConstraint("pause_reason IN ('by_hand', 'failing', 'gone')", name="pause_reason"),
        sa.Index(None, "organisation_id", "created_at", "id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    url: Mapped[str] = mapped_column(sa.String(LONGEST_URL))
    types: Mapped[list[str]] = mapped_column(sa.JSON)  # as they were chosen, wildcards among them
    description: Mapped[str] = mapped_column(sa.String(LONGEST_DESCRIPTION))
    secret: Mapped[str] = mapped_column(sa.Text)  # encrypted, as the next
    old_secret: Mapped[str | None] = mapped_column(sa.Text)
    old_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)  # of what was before it hears nothing
    seen_until: Mapped[datetime] = mapped_column(UtcDateTime)  # events up to here were looked at
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pause_reason: Mapped[str | None] = mapped_column(sa.String(10))
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)  # tries since the last that worked
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # nothing is tried before
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a worker is at it
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the last that worked


class WebhookDelivery(Base):
    """One event for one webhook."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.UniqueConstraint("webhook_id", "event_id"),
        sa.CheckConstraint("status IN ('waiting', 'delivered', 'failed')", name="status"),
        sa.Index(None, "webhook_id", "created_at", "id"),
        sa.Index(
            "ix_webhook_deliveries_due",
            "webhook_id",
            "due_at",
            sqlite_where=_IS_WAITING,
            postgresql_where=_IS_WAITING,
        ),
    )

    id: Mapped[UUID] = id_column()
    webhook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhooks.id"))
    event_id: Mapped[UUID] = mapped_column(sa.Uuid)  # of a test nobody's row
    name: Mapped[str] = mapped_column(sa.String(60))
    topic: Mapped[str] = mapped_column(sa.String(60))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    status: Mapped[str] = mapped_column(sa.String(10), default=WAITING)
    tries: Mapped[int] = mapped_column(default=0)  # since it was last begun with
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookAttempt(Base):
    """A call, and what came back: a status, or why there was none."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (sa.Index(None, "delivery_id", "at"),)

    id: Mapped[UUID] = id_column()
    delivery_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhook_deliveries.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    status_code: Mapped[int | None] = mapped_column()
    error: Mapped[str | None] = mapped_column(sa.String(20))
    duration_ms: Mapped[int] = mapped_column()
    answer: Mapped[str] = mapped_column(sa.String(LONGEST_ANSWER))  # how it began
