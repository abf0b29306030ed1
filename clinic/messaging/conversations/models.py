"""What a front desk adds to its conversations."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime

LONGEST_WORDS = 100  # characters: the number for emergencies stands in the same text


class DeskReply(Base):
    """Who wrote a reply, and in which conversation: a letter goes to another address than its."""

    __tablename__ = "desk_replies"
    __table_args__ = (sa.Index(None, "conversation_id"),)

    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("messages.id"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conversations.id"))
    written_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"))


class DeskHours(Base):
    """When somebody is at the desk of an organisation, and what its texts say when nobody is."""

    __tablename__ = "desk_hours"

    organisation_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("organisations.id"), primary_key=True
    )
    is_on: Mapped[bool] = mapped_column(default=False)
    # By weekday, Monday first: null, or from and to in minutes of the wall clock, up to 1440.
    week: Mapped[list[list[int] | None]] = mapped_column(sa.JSON)
    words: Mapped[str] = mapped_column(sa.String(LONGEST_WORDS), default="")  # "": ours
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
