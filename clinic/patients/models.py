from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.db import Base, UtcDateTime, id_column


class Patient(Base):
    """The person. Contact data that an organisation typed stays with its link."""

    __tablename__ = "patients"
    __table_args__ = (sa.Index(None, "sort_name"),)

    id: Mapped[UUID] = id_column()
    user_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), unique=True)
    full_name: Mapped[str] = mapped_column(sa.String(120))
    sort_name: Mapped[str] = mapped_column(sa.String(120))  # casefolded, for search
    birth_date: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PatientOrganisation(Base):
    """An organisation that registered or treated the person, and how it reaches them."""

    __tablename__ = "patient_organisations"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "record_number"),
        sa.Index(None, "organisation_id", "phone"),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
    )

    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patients.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("organisations.id"), primary_key=True
    )
    record_number: Mapped[str] = mapped_column(sa.String(20))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    channel: Mapped[str] = mapped_column(sa.String(10), default="sms")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
