"""Who agreed to texts, and who took it back."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, append_only, id_column
from clinic.core.fields import LONGEST_E164, LONGEST_LANGUAGE


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
