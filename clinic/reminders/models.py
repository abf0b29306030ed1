"""The rules of an organisation, and the reminders planned by them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column

_PLANNED = sa.text("status = 'planned'")


class ReminderRule(Base):
    """An organisation's own reminder, beside the one three hours before that everybody gets."""

    __tablename__ = "reminder_rules"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "minutes_before", "channel"),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
        sa.CheckConstraint("minutes_before BETWEEN 30 AND 43200", name="minutes_before"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    minutes_before: Mapped[int]
    channel: Mapped[str] = mapped_column(sa.String(10))
    is_active: Mapped[bool] = mapped_column(default=True)


class Reminder(Base):
    """Something to tell about a visit at a time; `rule` names why."""

    __tablename__ = "reminders"
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "rule", "channel"),
        sa.Index("ix_reminders_due", "due_at", sqlite_where=_PLANNED, postgresql_where=_PLANNED),
        sa.Index(None, "organisation_id", "due_at", "id"),  # the list of an organisation
        sa.CheckConstraint(
            "status IN ('planned', 'queued', 'cancelled', 'skipped')", name="status"
        ),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    appointment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("appointments.id"))
    rule: Mapped[str] = mapped_column(sa.String(40))
    channel: Mapped[str] = mapped_column(sa.String(10))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(sa.String(10), default="planned")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
