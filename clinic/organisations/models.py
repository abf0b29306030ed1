"""Organisations, their locations and settings."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column
from clinic.core.fields import (
    LONGEST_COUNTRY,
    LONGEST_E164,
    LONGEST_EMAIL,
    LONGEST_NAME,
    LONGEST_ZONE,
)

LONGEST_ADDRESS, LONGEST_EMERGENCY_NUMBER = 200, 20  # characters
USUAL_ORDER = "sms,whatsapp,email"


class Organisation(Base):
    __tablename__ = "organisations"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('hospital', 'clinic', 'business')", name="kind"),
    )

    id: Mapped[UUID] = id_column()
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    timezone: Mapped[str] = mapped_column(sa.String(LONGEST_ZONE))
    country: Mapped[str] = mapped_column(
        sa.String(LONGEST_COUNTRY)
    )  # ISO 3166; reads local phone numbers
    phone: Mapped[str | None] = mapped_column(sa.String(LONGEST_E164))
    email: Mapped[str | None] = mapped_column(sa.String(LONGEST_EMAIL))
    emergency_number: Mapped[str] = mapped_column(sa.String(LONGEST_EMERGENCY_NUMBER))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Counts changes of what pages show of any doctor here: the doctors' own is in their rows.
    diary_version: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")


class PolicyText(Base):
    """What an organisation says of privacy, or its terms: a row for each version, kept for ever."""

    __tablename__ = "policy_texts"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "kind", "version"),
        sa.CheckConstraint("kind IN ('privacy', 'terms')", name="kind"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    created_by: Mapped[UUID | None] = mapped_column(sa.Uuid)  # None: our standard words
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


_IS_OPEN = sa.text("closed_at IS NULL")


class Location(Base):
    """A place where doctors see patients. Closed, never deleted: visits say where they were."""

    __tablename__ = "locations"
    __table_args__ = (
        # The name of a closed one is free again.
        sa.Index(
            "uq_locations_open_name",
            "organisation_id",
            "name",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    address: Mapped[str] = mapped_column(sa.String(LONGEST_ADDRESS))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OrganisationSettings(Base):
    """How an organisation books. All times in minutes or days."""

    __tablename__ = "settings"

    organisation_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("organisations.id"), primary_key=True
    )
    minimum_notice_minutes: Mapped[int] = mapped_column(default=60)
    booking_horizon_days: Mapped[int] = mapped_column(default=56)
    cancel_notice_minutes: Mapped[int] = mapped_column(default=120)
    no_show_grace_minutes: Mapped[int] = mapped_column(default=15)
    approval_required: Mapped[bool] = mapped_column(default=False)
    auto_no_show: Mapped[bool] = mapped_column(default=True)
    # For all who work there.
    two_factor_required: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    # By which channels what cannot go its own way is tried, the first first.
    channel_order: Mapped[str] = mapped_column(
        sa.String(40), default=USUAL_ORDER, server_default=USUAL_ORDER
    )
