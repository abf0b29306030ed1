"""The delivery ledger: every message in and out, its attempts and what the provider said."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column
from clinic.core.fields import LONGEST_EMAIL, LONGEST_LANGUAGE

_QUEUED = sa.text("status = 'queued'")
_UNSETTLED = sa.text("status IN ('sending', 'uncertain')")
_LOOKED_AT = sa.text("needs_attention")
_UNASSIGNED = sa.text("places IS NOT NULL AND organisation_id IS NULL")
_TO_STRANGERS = sa.text("not is_known")
_DEFAULT = sa.text("is_default AND is_active")
_PROVEN = sa.text("verified_at IS NOT NULL AND is_active")
_HELD_BACK = sa.text("error_code = 'too_many'")

LONGEST_SENDER_NAME = 80


class Message(Base):
    """One SMS, WhatsApp or e-mail. Bodies hold placeholders where a secret will stand."""

    __tablename__ = "messages"
    __table_args__ = (
        sa.Index("ix_messages_due", "due_at", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        sa.Index(
            "ix_messages_unsettled",
            "lease_until",
            sqlite_where=_UNSETTLED,
            postgresql_where=_UNSETTLED,
        ),
        sa.Index(
            "ix_messages_attention",
            "organisation_id",
            sqlite_where=_LOOKED_AT,
            postgresql_where=_LOOKED_AT,
        ),
        sa.Index(
            "ix_messages_to_strangers",
            "created_at",
            sqlite_where=_TO_STRANGERS,
            postgresql_where=_TO_STRANGERS,
        ),
        sa.Index(
            "ix_messages_held_back",
            "created_at",
            sqlite_where=_HELD_BACK,
            postgresql_where=_HELD_BACK,
        ),
        sa.Index(
            "ix_messages_unassigned",
            "created_at",
            sqlite_where=_UNASSIGNED,
            postgresql_where=_UNASSIGNED,
        ),
        sa.Index(None, "about_id"),
        sa.Index(None, "organisation_id", "created_at"),
        sa.Index(None, "address", "created_at"),
        sa.CheckConstraint("direction IN ('out', 'in')", name="direction"),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
        sa.CheckConstraint("audience IN ('patient', 'doctor', 'staff')", name="audience"),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'uncertain', 'skipped',"
            " 'cancelled', 'received')",
            name="status",
        ),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisations.id"))
    direction: Mapped[str] = mapped_column(sa.String(3), default="out")
    channel: Mapped[str] = mapped_column(sa.String(10))
    audience: Mapped[str] = mapped_column(sa.String(8), default="patient")
    address: Mapped[str] = mapped_column(
        sa.String(LONGEST_EMAIL)
    )  # the other side: E.164 or e-mail
    sender: Mapped[str | None] = mapped_column(
        sa.String(LONGEST_EMAIL)
    )  # our side, once it is known
    template: Mapped[str] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(LONGEST_LANGUAGE), default="en")
    subject: Mapped[str | None] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    # What a template of WhatsApp is filled with, should it have to be one; with placeholders, too.
    variables: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))
    calendar: Mapped[str | None] = mapped_column(sa.Text)  # an .ics attachment of an e-mail
    about_id: Mapped[UUID | None] = mapped_column(sa.Uuid)  # the visit
    dedupe_key: Mapped[str | None] = mapped_column(sa.String(160), unique=True)
    status: Mapped[str] = mapped_column(sa.String(10))
    # Its owner has proven the address, or the organisation's own people typed it.
    is_known: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    # In how many a text goes, which the networks count and bill.
    parts: Mapped[int] = mapped_column(sa.SmallInteger, default=1, server_default="1")
    claim_token: Mapped[UUID | None] = mapped_column(sa.Uuid)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    provider_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    error_code: Mapped[str | None] = mapped_column(sa.String(40))
    answer: Mapped[str | None] = mapped_column(sa.Text)  # of an inbound one: what was texted back
    # The visits that a list in the answer named, in its order: what "2B" means next.
    listed: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    # Of one that may be for several organisations: those the answer asked about, in its order. It
    # belongs to none of them, and no desk reads it, until its sender has named one.
    places: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    needs_attention: Mapped[bool] = mapped_column(default=False)  # a person at the desk must look
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Attempt(Base):
    """One call to a provider, from just before it until its outcome is known."""

    __tablename__ = "message_attempts"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "number"),
        sa.Index(None, "started_at"),  # how many of late, which operators watch
    )

    id: Mapped[UUID] = id_column()
    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("messages.id"))
    number: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(sa.String(12))
    error_code: Mapped[str | None] = mapped_column(sa.String(40))


class Conversation(Base):
    """All that went to and fro between one organisation and one number, as its front desk has it.

    What was written stands in the ledger alone. It waits for an answer while one of its texts that
    came in needs attention.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "address"),
        sa.Index(None, "organisation_id", "last_at", "id"),
        sa.Index(None, "patient_id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    address: Mapped[str] = mapped_column(sa.String(LONGEST_EMAIL))
    # Whose it is, says the desk; else it is whoever has the number.
    patient_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("patients.id"))
    channel: Mapped[str] = mapped_column(sa.String(10))  # by which they wrote last
    last_id: Mapped[UUID] = mapped_column(sa.ForeignKey("messages.id"))  # in, or a reply of ours
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unread: Mapped[int] = mapped_column(default=0, server_default="0")
    claimed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When they last heard that nobody is at the desk.
    told_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SavedReply(Base):
    """Words that a front desk needs often; `{name}` and the like are filled in when it replies."""

    __tablename__ = "saved_replies"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "title"),)

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    title: Mapped[str] = mapped_column(sa.String(60))
    body: Mapped[str] = mapped_column(sa.String(1000))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Callback(Base):
    """A status the provider reported; the pair is unique, so a replay changes nothing."""

    __tablename__ = "message_callbacks"
    __table_args__ = (sa.UniqueConstraint("provider_id", "provider_status"),)

    id: Mapped[UUID] = id_column()
    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("messages.id"), index=True)
    provider_id: Mapped[str] = mapped_column(sa.String(64))
    provider_status: Mapped[str] = mapped_column(sa.String(20))
    error_code: Mapped[str | None] = mapped_column(sa.String(40))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SenderBucket(Base):
    """How many messages a sender may still hand over now: one bucket for all workers."""

    __tablename__ = "sender_buckets"

    sender: Mapped[str] = mapped_column(sa.String(LONGEST_EMAIL), primary_key=True)
    tokens: Mapped[float]
    filled_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HeldSender(Base):
    """What waits for a fault of ours to be mended: all of a provider's account, or one sender."""

    __tablename__ = "held_senders"

    # A channel's account, or `sms:+447700900999`: a channel and what it sends from.
    sender: Mapped[str] = mapped_column(sa.String(LONGEST_EMAIL + 11), primary_key=True)
    error_code: Mapped[str] = mapped_column(sa.String(40))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    message_id: Mapped[UUID | None] = mapped_column(sa.Uuid)  # which met it
    by_report: Mapped[bool] = mapped_column(default=False)  # then an answer alone proves nothing
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    freed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SenderIdentity(Base):
    """What an organisation's messages go from, once it has proven that it is its own."""

    __tablename__ = "sender_identities"
    __table_args__ = (
        sa.Index(
            "ix_sender_identities_default",
            "organisation_id",
            "channel",
            unique=True,
            sqlite_where=_DEFAULT,
            postgresql_where=_DEFAULT,
        ),
        sa.Index(
            "ix_sender_identities_proven",
            "channel",
            "value",
            unique=True,
            sqlite_where=_PROVEN,
            postgresql_where=_PROVEN,
        ),
        sa.Index(None, "organisation_id"),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
        sa.CheckConstraint(
            "kind IN ('long_code', 'toll_free', 'short_code', 'alphanumeric', 'messaging_service',"
            " 'whatsapp', 'email')",
            name="kind",
        ),
        sa.CheckConstraint("opt_outs_by IN ('provider', 'us')", name="opt_outs_by"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    channel: Mapped[str] = mapped_column(sa.String(10))
    kind: Mapped[str] = mapped_column(sa.String(20))
    value: Mapped[str] = mapped_column(sa.String(LONGEST_EMAIL))
    display_name: Mapped[str] = mapped_column(sa.String(LONGEST_SENDER_NAME), default="")
    can_reply: Mapped[bool]  # whether what people answer comes back
    rate: Mapped[float]  # messages a second
    countries: Mapped[list[str]] = mapped_column(sa.JSON)  # ISO codes; empty: wherever it reaches
    opt_outs_by: Mapped[str] = mapped_column(sa.String(8))  # who answers STOP and HELP
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_default: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    code_key: Mapped[UUID | None] = mapped_column(sa.Uuid)  # the code is derived from it
    code_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code_tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
