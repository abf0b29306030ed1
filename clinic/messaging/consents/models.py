"""Who agreed to texts, who refuses them, and whom none reaches."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, append_only, id_column
from clinic.core.fields import LONGEST_E164, LONGEST_EMAIL, LONGEST_LANGUAGE

_OF_ALL, _OF_ONE = sa.text("organisation_id IS NULL"), sa.text("organisation_id IS NOT NULL")


class TextConsent(Base):
    """That somebody agreed to texts, or took it back: a row each time, never changed."""

    __tablename__ = "consents_to_texts"
    __table_args__ = (sa.Index(None, "address", "at"), sa.Index(None, "organisation_id", "at"))

    id: Mapped[UUID] = id_column()
    # Whose texts; None: of all that this installation writes for.
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisations.id"))
    address: Mapped[str] = mapped_column(sa.String(LONGEST_E164))
    channel: Mapped[str | None] = mapped_column(sa.String(10))  # None: all that texts go by
    is_given: Mapped[bool]
    how: Mapped[str] = mapped_column(sa.String(12))
    words: Mapped[str | None] = mapped_column(sa.String(20))  # which of ours, and their version
    language: Mapped[str | None] = mapped_column(sa.String(LONGEST_LANGUAGE))
    shown: Mapped[str | None] = mapped_column(sa.Text)  # them, as they were read
    by_user_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(TextConsent.__table__)  # type: ignore[arg-type]


class OptOut(Base):
    """An address that wants no more texts by a channel, or cannot be reached by it.

    Of all organisations, or of one: its word goes before that of all, also the one that texts may
    go on (`opted_in`), which only stands beside a stop of all.
    """

    __tablename__ = "opt_outs"
    __table_args__ = (
        sa.Index("uq_opt_outs_all", "address", "channel", "kind", unique=True,
            sqlite_where=_OF_ALL, postgresql_where=_OF_ALL),
        sa.Index("uq_opt_outs_one", "address", "channel", "kind", "organisation_id", unique=True,
            sqlite_where=_OF_ONE, postgresql_where=_OF_ONE),
        sa.CheckConstraint("kind IN ('opted_out', 'unreachable', 'opted_in')", name="kind"),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
    )  # fmt: skip

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisations.id"))
    address: Mapped[str] = mapped_column(sa.String(LONGEST_EMAIL))
    channel: Mapped[str] = mapped_column(sa.String(10), default="sms")
    kind: Mapped[str] = mapped_column(sa.String(12), default="opted_out")
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(40))


class EndedOptOut(Base):
    """What an address once wanted, or could not: kept when it ends."""

    __tablename__ = "ended_opt_outs"

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    address: Mapped[str] = mapped_column(sa.String(LONGEST_EMAIL), index=True)
    channel: Mapped[str | None] = mapped_column(sa.String(10))  # None: of all that texts go by
    kind: Mapped[str] = mapped_column(sa.String(12))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(40))
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[UUID | None] = mapped_column(sa.Uuid)  # an account; None: a text, or time
    how: Mapped[str] = mapped_column(sa.String(12))  # text, account, desk, time
