"""Visits, and the links by which patients manage them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column

MOVED = "rescheduled"  # the cancel_reason of a visit that another one replaced
LONGEST_VISIT = timedelta(hours=8)
LONGEST_REASON = 500  # characters
_NOT_YET_HERE = sa.text("status IN ('pending', 'scheduled', 'confirmed')")
_HELD = sa.text("held_until IS NOT NULL")
_HOLDS_A_SEAT = sa.text("status NOT IN ('cancelled', 'no_show')")


class Appointment(Base):
    """A booked slot. Never deleted; `version` counts its steps."""

    __tablename__ = "appointments"
    __table_args__ = (
        # The backstop behind lock_for_booking: no seat twice, no patient in two places at once.
        sa.Index(
            "uq_appointments_seat",
            "doctor_id",
            "starts_at",
            "seat",
            unique=True,
            sqlite_where=_HOLDS_A_SEAT,
            postgresql_where=_HOLDS_A_SEAT,
        ),
        sa.Index(
            "uq_appointments_patient",
            "patient_id",
            "starts_at",
            unique=True,
            sqlite_where=_HOLDS_A_SEAT,
            postgresql_where=_HOLDS_A_SEAT,
        ),
        # What the sweeps look for among millions: small, and its head is what is overdue.
        sa.Index(
            "ix_appointments_overdue",
            "starts_at",
            sqlite_where=_NOT_YET_HERE,
            postgresql_where=_NOT_YET_HERE,
        ),
        # Few at any time: of people who have not proven who they are.
        sa.Index("ix_appointments_held", "held_until", sqlite_where=_HELD, postgresql_where=_HELD),
        sa.Index(None, "doctor_id", "starts_at"),
        sa.Index(None, "patient_id", "starts_at"),
        # With the id, by which lists in pages go on: hundreds of visits begin at the same time.
        sa.Index(None, "organisation_id", "starts_at", "id"),
        sa.CheckConstraint("starts_at < ends_at", name="start_before_end"),
        sa.CheckConstraint("seat >= 1", name="seat"),
        sa.CheckConstraint(
            "status IN ('pending', 'scheduled', 'confirmed', 'checked_in', 'in_progress',"
            " 'completed', 'cancelled', 'no_show')",
            name="status",
        ),
        sa.CheckConstraint("source IN ('web', 'api', 'staff', 'walk_in', 'sms')", name="source"),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    doctor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("doctors.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patients.id"))
    schedule_id: Mapped[UUID] = mapped_column(sa.ForeignKey("schedules.id"))
    location_id: Mapped[UUID] = mapped_column(sa.ForeignKey("locations.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seat: Mapped[int | None] = mapped_column(sa.SmallInteger)
    status: Mapped[str] = mapped_column(sa.String(12))
    status_before: Mapped[str | None] = mapped_column(sa.String(12))  # what an undo goes back to
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_REASON))
    code: Mapped[str] = mapped_column(sa.String(8), unique=True)  # for people: K7P4Q
    source: Mapped[str] = mapped_column(sa.String(8))
    channel: Mapped[str] = mapped_column(sa.String(10))
    booked_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    cancel_reason: Mapped[str | None] = mapped_column(sa.String(40))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rescheduled_from_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("appointments.id"))
    # Of its manage link: the number they were sent to was corrected, and those before open nothing.
    link_number: Mapped[int | None] = mapped_column(sa.SmallInteger)
    # Nobody who is answered for has asked for it: until then the seat waits for a proof.
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def overlaps(cls, start: Any, end: Any) -> sa.ColumnElement[bool]:
        """Does it share time with these two instants, columns or parameters?"""
        return sa.and_(cls.starts_at < end, cls.ends_at > start)

    @classmethod
    def meets(cls, start: datetime, end: datetime) -> sa.ColumnElement[bool]:
        """The same, looked for no further back than need be: an index on starts_at serves it."""
        return sa.and_(cls.overlaps(start, end), cls.starts_at > start - LONGEST_VISIT)


class VisitLink(Base):
    """Which visit a manage link opens. Only the token's hash is kept."""

    __tablename__ = "visit_links"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    appointment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("appointments.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
