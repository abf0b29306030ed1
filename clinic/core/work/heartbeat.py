"""Signs of life of the scheduler, which has no address of its own.

The worker writes them when a tick arrives, which proves the whole chain: scheduler, Redis, worker
and database.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core import clock
from clinic.core.data.db import Base, UtcDateTime, db, transactional

SCHEDULER = "scheduler"
# A tick waits behind the job in hand, which may take two minutes (wire.JOB_TIMEOUT_S) before it is
# ended. With the ten seconds between two ticks, a worker with one long job is not taken for a dead
# scheduler; two of them behind each other are, and somebody should know of those as well.
LATE_AFTER = timedelta(seconds=150)


class Heartbeat(Base):
    """The last sign of life."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)


@transactional
def beat(name: str) -> None:
    moment = clock.now()
    beaten = db.session.execute(
        sa.update(Heartbeat).where(Heartbeat.name == name).values(beat_at=moment)
    )
    if beaten.rowcount == 0:  # type: ignore[attr-defined]
        db.session.execute(sa.insert(Heartbeat).values(name=name, beat_at=moment))


def last_beat(name: str) -> datetime | None:
    return db.session.scalar(sa.select(Heartbeat.beat_at).where(Heartbeat.name == name))
