"""Availability windows and time off."""

from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column

LONGEST_REASON = 120  # characters


class Schedule(Base):
    """An availability window: weekly (`weekday`) or for one day (`on_date`), in local wall time."""

    __tablename__ = "schedules"
    __table_args__ = (
        sa.Index(None, "doctor_id"),
        sa.CheckConstraint("(weekday IS NULL) <> (on_date IS NULL)", name="weekly_or_dated"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("start_time < end_time", name="start_before_end"),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 480", name="slot_minutes"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 100", name="capacity"),
        sa.CheckConstraint("max_patients >= 1", name="max_patients"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    doctor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("doctors.id"))
    location_id: Mapped[UUID] = mapped_column(sa.ForeignKey("locations.id"))
    weekday: Mapped[int | None] = mapped_column(sa.SmallInteger)  # Monday 0
    on_date: Mapped[date | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    start_time: Mapped[time]
    end_time: Mapped[time]
    slot_minutes: Mapped[int] = mapped_column(default=30)
    capacity: Mapped[int] = mapped_column(default=1)
    max_patients: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TimeOff(Base):
    """When a doctor is away although a window says otherwise."""

    __tablename__ = "time_off"
    __table_args__ = (
        sa.Index(None, "doctor_id", "ends_at"),
        sa.CheckConstraint("starts_at < ends_at", name="start_before_end"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    doctor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("doctors.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_REASON), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
