"""Words of organisations."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column
from clinic.core.fields import LONGEST_LANGUAGE


class MessageTemplate(Base):
    """How an organisation says one message by one channel in one language."""

    __tablename__ = "message_templates"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "template", "channel", "language"),
        sa.CheckConstraint("channel IN ('sms', 'whatsapp', 'email')", name="channel"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    template: Mapped[str] = mapped_column(sa.String(40))
    channel: Mapped[str] = mapped_column(sa.String(10))
    language: Mapped[str] = mapped_column(sa.String(LONGEST_LANGUAGE))
    subject: Mapped[str | None] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int]
    updated_by: Mapped[UUID | None] = mapped_column(sa.Uuid)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
