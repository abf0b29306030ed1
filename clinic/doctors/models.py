"""Doctors as patients find them, with what they treat and speak."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column
from clinic.core.fields import LONGEST_E164, LONGEST_LANGUAGE, LONGEST_NAME

LONGEST_LICENCE, LONGEST_BIO = 40, 2000  # characters


class Doctor(Base):
    __tablename__ = "doctors"
    __table_args__ = (
        sa.Index(None, "organisation_id"),
        sa.Index(None, "sort_name", "id"),
        sa.CheckConstraint("years_experience >= 0", name="years_experience"),
    )

    id: Mapped[UUID] = id_column()
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))  # as patients read it: "Dr Asha Rao"
    sort_name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))  # folded; the directory's order
    licence_number: Mapped[str] = mapped_column(sa.String(LONGEST_LICENCE), unique=True)
    years_experience: Mapped[int] = mapped_column(default=0)
    bio: Mapped[str] = mapped_column(sa.String(LONGEST_BIO), default="")
    contact_phone: Mapped[str | None] = mapped_column(sa.String(LONGEST_E164))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Counts changes of what pages show of the doctor and their free times: `service.lock`.
    diary_version: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")


class DoctorSpecialisation(Base):
    __tablename__ = "doctor_specialisations"
    __table_args__ = (sa.Index(None, "specialisation", "doctor_id"),)

    doctor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("doctors.id"), primary_key=True)
    specialisation: Mapped[str] = mapped_column(sa.String(40), primary_key=True)


class DoctorLanguage(Base):
    __tablename__ = "doctor_languages"
    __table_args__ = (sa.Index(None, "language", "doctor_id"),)

    doctor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("doctors.id"), primary_key=True)
    language: Mapped[str] = mapped_column(
        sa.String(LONGEST_LANGUAGE), primary_key=True
    )  # ISO 639-1
