"""People who are seen, what each organisation knows of them, and lists brought in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column
from clinic.core.fields import LONGEST_E164, LONGEST_EMAIL, LONGEST_LANGUAGE, LONGEST_NAME

LONGEST_ADDRESS, LONGEST_RELATION = 300, 60  # characters


class Patient(Base):
    """The person. Contact data that an organisation typed stays with its link."""

    __tablename__ = "patients"
    __table_args__ = (sa.Index(None, "sort_name"),)

    id: Mapped[UUID] = id_column()
    user_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), unique=True)
    full_name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    sort_name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))  # folded, for search
    birth_date: Mapped[date | None]
    gender: Mapped[str | None] = mapped_column(sa.String(20))
    blood_type: Mapped[str | None] = mapped_column(sa.String(3))
    contact_number: Mapped[str | None] = mapped_column(sa.String(LONGEST_E164))  # to call
    address: Mapped[str | None] = mapped_column(sa.String(LONGEST_ADDRESS))
    emergency_name: Mapped[str | None] = mapped_column(sa.String(LONGEST_NAME))
    emergency_phone: Mapped[str | None] = mapped_column(sa.String(LONGEST_E164))
    emergency_relation: Mapped[str | None] = mapped_column(sa.String(LONGEST_RELATION))
    # When they last logged in, once somebody had noted that they died: somebody is mistaken.
    seen_alive_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PatientOrganisation(Base):
    """An organisation that registered or treated the person, and how it reaches them."""

    __tablename__ = "patient_organisations"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "record_number"),
        sa.Index(None, "organisation_id", "phone"),
        sa.Index(None, "phone"),  # of whoever proves a number or an address: which clinics noted it
        sa.Index(None, "email"),
        sa.Index(
            "ix_patient_organisations_died",
            "patient_id",
            sqlite_where=sa.text("died_on IS NOT NULL"),
            postgresql_where=sa.text("died_on IS NOT NULL"),
        ),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
    )

    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patients.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("organisations.id"), primary_key=True
    )
    record_number: Mapped[str] = mapped_column(sa.String(20))
    phone: Mapped[str | None] = mapped_column(sa.String(LONGEST_E164))
    email: Mapped[str | None] = mapped_column(sa.String(LONGEST_EMAIL))
    language: Mapped[str] = mapped_column(sa.String(LONGEST_LANGUAGE), default="en")
    channel: Mapped[str] = mapped_column(sa.String(10), default="sms")
    # Inactive: told nothing more from here.
    is_active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    # A death counts where it was noted. Elsewhere it is a note, until that desk says yes or no.
    died_on: Mapped[date | None]
    death_noted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note_dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class JoinedRecord(Base):
    """A record that is gone, because another one of the same person has what it had."""

    __tablename__ = "joined_records"
    __table_args__ = (sa.Index(None, "patient_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # of the patient that is gone
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patients.id"))
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PatientImport(Base):
    """A list of patients somebody handed over: its rows, how far it got, what was refused."""

    __tablename__ = "patient_imports"
    __table_args__ = (
        sa.Index(None, "organisation_id", "created_at"),
        sa.CheckConstraint("status IN ('running', 'done')", name="status"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    rows: Mapped[list[dict[str, Any]] | None] = mapped_column(sa.JSON)  # none once it is done
    status: Mapped[str] = mapped_column(sa.String(8))
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0, server_default="0")
    refused: Mapped[list[dict[str, Any]]] = mapped_column(
        sa.JSON
    )  # [{row, field, code, message, values}]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
