"""The rules of an organisation, the reminders planned by them, and those that people make."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column
from clinic.core.fields import LONGEST_EMAIL, LONGEST_ZONE

LONGEST_TITLE, LONGEST_MESSAGE, LONGEST_RECURRENCE = 120, 1_000, 200  # characters
LONGEST_LABEL = 60
OWN = "own"  # the rule of a reminder that a person made
_PLANNED = sa.text("status = 'planned'")
_OF_NO_VISIT = sa.text("appointment_id IS NULL")


class ReminderRule(Base):
    """An organisation's own reminder, beside the one three hours before that everybody gets."""

    __tablename__ = "reminder_rules"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "minutes_before", "channel", "audience"),
        # `own`: as each of them is written to.
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email', 'own')", name="channel"),
        sa.CheckConstraint("audience IN ('patient', 'doctor')", name="audience"),
        sa.CheckConstraint("minutes_before BETWEEN 30 AND 43200", name="minutes_before"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    minutes_before: Mapped[int]
    channel: Mapped[str] = mapped_column(sa.String(10))
    is_active: Mapped[bool] = mapped_column(default=True)
    audience: Mapped[str] = mapped_column(
        sa.String(10), default="patient", server_default="patient"
    )
    label: Mapped[str] = mapped_column(sa.String(LONGEST_LABEL), default="", server_default="")


class ReminderSettings(Base):
    """When an organisation reminds of what can wait; without a row as `quiet` says. Minutes after
    midnight, by its clock."""

    __tablename__ = "reminder_settings"

    organisation_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("organisations.id"), primary_key=True
    )
    quiet_from: Mapped[int]
    quiet_to: Mapped[int]


class Replanning(Base):
    """Rules changed: visits to come are planned anew, so many at a time, in the order of their
    begin."""

    __tablename__ = "reminder_replannings"
    __table_args__ = (sa.Index(None, "organisation_id", "created_at"),)

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The last visit that was planned.
    after_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    after_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    planned: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)


class Reminder(Base):
    """Something to tell at a time: about a visit, where `rule` names why, or what a person wrote,
    which OwnReminder holds."""

    __tablename__ = "reminders"
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "rule", "channel"),
        sa.Index("ix_reminders_due", "due_at", sqlite_where=_PLANNED, postgresql_where=_PLANNED),
        sa.Index(None, "organisation_id", "due_at", "id"),  # the list of an organisation
        # Small: visits have their patient by themselves.
        sa.Index(
            "ix_reminders_patient_id",
            "patient_id",
            sqlite_where=_OF_NO_VISIT,
            postgresql_where=_OF_NO_VISIT,
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'queued', 'cancelled', 'skipped', 'paused', 'sent')",
            name="status",
        ),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
        sa.CheckConstraint(
            "type IN ('appointment', 'medication', 'follow_up', 'deadline', 'notification')",
            name="type",
        ),
    )

    id: Mapped[UUID] = id_column()
    # None: of a person who belongs to no organisation.
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisations.id"))
    appointment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("appointments.id"))
    rule: Mapped[str] = mapped_column(sa.String(40))
    channel: Mapped[str] = mapped_column(sa.String(10))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(sa.String(10), default="planned")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    type: Mapped[str] = mapped_column(
        sa.String(12), default="appointment", server_default="appointment"
    )
    patient_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("patients.id"))  # of no visit


class OwnReminder(Base):
    """What somebody wrote, to whom it goes, and when again; the row beside it is what is due."""

    __tablename__ = "own_reminders"
    __table_args__ = (
        sa.Index(None, "author_id"),
        sa.CheckConstraint("method IN ('sms', 'whatsapp', 'email')", name="method"),
    )

    reminder_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reminders.id"), primary_key=True)
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(sa.String(LONGEST_TITLE))
    message: Mapped[str] = mapped_column(sa.String(LONGEST_MESSAGE))
    method: Mapped[str | None] = mapped_column(sa.String(10))  # None: as each of them is written to
    timezone: Mapped[str] = mapped_column(sa.String(LONGEST_ZONE))
    recurrence: Mapped[str | None] = mapped_column(sa.String(LONGEST_RECURRENCE))
    # The occurrence that is due next: its number from 0, and what a clock on the wall says then.
    occurrence: Mapped[int] = mapped_column(default=0)
    wall: Mapped[str] = mapped_column(sa.String(19))
    sent_ahead: Mapped[int | None]  # the number of one that somebody had sent before its time
    told_up_to: Mapped[str | None] = mapped_column(sa.String(36))  # of an occurrence to thousands
    # To whom, where it is no single patient: a written address, or a choice of patients. Neither:
    # the author.
    to_address: Mapped[str | None] = mapped_column(sa.String(LONGEST_EMAIL))
    choice: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # reminder_metadata, as it was given
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
