"""Templates of WhatsApp at our account, and what WhatsApp said of each."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column
from clinic.core.fields import LONGEST_LANGUAGE


class WhatsAppTemplate(Base):
    """One that stands at the provider. It never changes there: other words have another name."""

    __tablename__ = "whatsapp_templates"
    __table_args__ = (sa.Index(None, "template", "language"),)

    id: Mapped[UUID] = id_column()
    # None: of all organisations.
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(100), unique=True)
    template: Mapped[str] = mapped_column(sa.String(40))
    form: Mapped[str] = mapped_column(sa.String(5))
    language: Mapped[str] = mapped_column(sa.String(LONGEST_LANGUAGE))
    content_sid: Mapped[str] = mapped_column(sa.String(34), unique=True)
    variables: Mapped[list[str]] = mapped_column(sa.JSON)  # their names, {{1}} first
    status: Mapped[str] = mapped_column(sa.String(20))  # as the provider calls it
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
