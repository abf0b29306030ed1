"""Who wanted to know whether messages can go and come, and what came out."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.data.db import Base, UtcDateTime, id_column

_UNFINISHED = sa.text("finished_at IS NULL")


class MessagingProof(Base):
    """Somebody wanted to know whether all that messages need works, and what came out."""

    __tablename__ = "messaging_proofs"
    __table_args__ = (
        sa.Index(
            "ix_messaging_proofs_unfinished",
            "asked_at",
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        sa.Index(None, "organisation_id", "asked_at"),
    )

    id: Mapped[UUID] = id_column()
    # Whose senders; None: what the settings name.
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisations.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[UUID | None] = mapped_column(sa.Uuid)
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a worker is at it
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checks: Mapped[list[dict[str, Any]] | None] = mapped_column(sa.JSON(none_as_null=True))
