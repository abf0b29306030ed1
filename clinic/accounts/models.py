"""Accounts, their sessions, tokens, keys and recovery codes, and tries that failed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column
from clinic.core.fields import (
    LONGEST_E164,
    LONGEST_EMAIL,
    LONGEST_LANGUAGE,
    LONGEST_NAME,
    LONGEST_ZONE,
)

_PROVEN = sa.text("email_verified_at IS NOT NULL")


class User(Base):
    __tablename__ = "users"
    __table_args__ = (
        sa.CheckConstraint(
            "role IN ('superadmin', 'admin', 'staff', 'doctor', 'patient')", name="role"
        ),
        sa.CheckConstraint(
            "(role IN ('superadmin', 'patient')) = (organisation_id IS NULL)",
            name="organisation_by_role",
        ),
        sa.Index(None, "organisation_id", "role"),
        sa.Index(None, "email"),
        sa.Index(None, "phone"),
        # An address is unique once it is proven: until then anybody may have typed it. A number may
        # be that of several.
        sa.Index(
            "uq_users_email_proven",
            "email",
            unique=True,
            sqlite_where=_PROVEN,
            postgresql_where=_PROVEN,
        ),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisations.id"))
    role: Mapped[str] = mapped_column(sa.String(12))
    # Lower case; None once somebody else proved it. What is not proven may be claimed by several.
    email: Mapped[str | None] = mapped_column(sa.String(LONGEST_EMAIL))
    phone: Mapped[str | None] = mapped_column(sa.String(LONGEST_E164))
    full_name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    password_hash: Mapped[str] = mapped_column(sa.String(80))  # "": invited, has not come yet
    is_active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(
        sa.String(LONGEST_LANGUAGE), default="en", server_default="en"
    )
    timezone: Mapped[str | None] = mapped_column(sa.String(LONGEST_ZONE))  # or the organisation's
    photo_key: Mapped[str | None] = mapped_column(sa.String(80))  # where core.storage keeps it
    email_verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    phone_verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    known_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the first log-in
    totp_secret: Mapped[str | None] = mapped_column(sa.String(300))  # encrypted
    totp_enabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)  # no code works twice
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Since when an address is gone that somebody else proved; until another one is entered.
    email_lost_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    phone_lost_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # An administrator entered `email`: until then links go to the one before.
    email_before: Mapped[str | None] = mapped_column(sa.String(LONGEST_EMAIL))
    email_waits_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UserSession(Base):
    """One signed-in browser. Ending the row ends the session, whoever holds the cookie."""

    __tablename__ = "user_sessions"
    __table_args__ = (sa.Index(None, "user_id"), sa.Index(None, "expires_at"))

    id: Mapped[UUID] = id_column()
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    browser: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TokenFamily(Base):
    """One signed-in program: its access tokens name the row, its refresh token is the newest."""

    __tablename__ = "token_families"
    __table_args__ = (sa.Index(None, "user_id"), sa.Index(None, "expires_at"))

    id: Mapped[UUID] = id_column()
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    refresh_hash: Mapped[str] = mapped_column(sa.String(64))  # of the jti that may be used next
    client: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OneTimeKey(Base):
    """A link or a code that works once: its secret is derived from the id, never stored.

    A row without a user answers for an address nobody has, so that asking costs the same.
    """

    __tablename__ = "one_time_keys"
    __table_args__ = (
        sa.Index(None, "user_id", "purpose"),
        sa.Index(None, "expires_at"),
        sa.CheckConstraint(
            "purpose IN ('reset', 'invitation', 'email', 'phone', 'contact')", name="purpose"
        ),
    )

    id: Mapped[UUID] = id_column()
    user_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    purpose: Mapped[str] = mapped_column(sa.String(12))
    secret_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    target: Mapped[str | None] = mapped_column(sa.String(LONGEST_EMAIL))  # what a code proves
    tries: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """Opens an account once when the telephone with the second factor is lost."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InvitedDoctor(Base):
    """What whoever invited a doctor knew already: their profile and hours begin with it."""

    __tablename__ = "invited_doctors"

    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    specialisations: Mapped[list[str]] = mapped_column(sa.JSON)  # slugs
    licence_number: Mapped[str | None] = mapped_column(sa.String(40))
    languages: Mapped[list[str]] = mapped_column(sa.JSON)  # ISO 639-1
    location_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("locations.id"))


class FailedTry(Base):
    """One refused sign-in, or another try that is counted (accounts/limits); kept for a day."""

    __tablename__ = "failed_tries"
    __table_args__ = (
        sa.Index(None, "kind", "address", "at"),
        sa.Index(None, "kind", "account", "at"),
        sa.Index(None, "at"),
    )

    id: Mapped[UUID] = id_column()
    kind: Mapped[str] = mapped_column(sa.String(12))
    address: Mapped[str] = mapped_column(sa.String(64))
    account: Mapped[str] = mapped_column(sa.String(64))  # a hash: unknown addresses are no one's
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_open: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # looked at now
