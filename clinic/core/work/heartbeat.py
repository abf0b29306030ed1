"""Signs of life, by which operators see who works.

Web processes and workers each have a row in `processes`. The scheduler knows no database: it leaves
a note in Redis at each turn, and the worker that takes a tick writes down that it arrived, which
proves the whole chain: scheduler, Redis, worker and database.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import redis
import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core import clock, running
from clinic.core.data.db import Base, UtcDateTime, db, lease_clock, transactional
from clinic.core.work import redis_client, wire

log = structlog.get_logger()

SCHEDULER, WORKER, WEB = "scheduler", "worker", "web"
# A tick waits behind the job in hand, which may take two minutes (wire.JOB_TIMEOUT_S) before it is
# ended. With the ten seconds between two ticks, a worker with one long job is not taken for a dead
# scheduler; two of them behind each other are, and somebody should know of those as well.
LATE_AFTER = timedelta(seconds=150)
BEAT_EVERY_S = 15.0
GONE_AFTER = timedelta(seconds=50)  # three beats
# Longer: a restart is not worth an alarm. Whoever asks /ready twice a minute knows within 120 s.
NOBODY_FOR = timedelta(seconds=80)
REMEMBERED = timedelta(minutes=10)  # who beats no more, until another of its kind starts


class Heartbeat(Base):
    """When a tick arrived last."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Process(Base):
    """A process that works, or did so lately. A handful of rows, so they are read all together."""

    __tablename__ = "processes"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # as it was told to


@transactional
def beat(name: str) -> None:
    """A tick of the scheduler arrived."""
    moment = clock.now()
    beaten = db.session.execute(
        sa.update(Heartbeat).where(Heartbeat.name == name).values(beat_at=moment)
    )
    if beaten.rowcount == 0:  # type: ignore[attr-defined]
        db.session.execute(sa.insert(Heartbeat).values(name=name, beat_at=moment))


def last_beat(name: str) -> datetime | None:
    return db.session.scalar(sa.select(Heartbeat.beat_at).where(Heartbeat.name == name))


# --- rows of processes


class Life:
    """The sign of this process. Whoever owns it calls `beat` where its own work goes round."""

    def __init__(self, app: Flask, kind: str) -> None:
        self.app, self.kind = app, kind
        self.name = f"{kind}:{uuid4().hex}"
        self.next_at = float("-inf")  # of time.monotonic

    def beat(self) -> bool:
        """As often as one likes: it writes every 15 s. Returns whether it asked the database."""
        if time.monotonic() < self.next_at:
            return False
        self._write(_live)
        self.next_at = time.monotonic() + BEAT_EVERY_S * 0.9  # who goes round every 15 s is on time
        return True

    def end(self) -> None:
        self._write(_end)

    def _write(self, what: Callable[[str, str], None]) -> None:
        try:
            with self.app.app_context():
                what(self.name, self.kind)
        except sa.exc.SQLAlchemyError as error:  # the database may be restarting
            log.warning("heartbeat_lost", kind=self.kind, error=type(error).__name__)


@transactional
def _live(name: str, kind: str) -> None:
    beaten = db.session.execute(
        sa.update(Process).where(Process.name == name).values(beat_at=lease_clock())
    )
    if beaten.rowcount:  # type: ignore[attr-defined]
        return
    forgotten = Process.beat_at < lease_clock(-REMEMBERED)
    db.session.execute(sa.delete(Process).where(Process.kind == kind, forgotten))
    db.session.execute(sa.insert(Process).values(name=name, kind=kind, beat_at=lease_clock()))


@transactional
def _end(name: str, kind: str) -> None:
    db.session.execute(
        sa.update(Process).where(Process.name == name).values(ended_at=lease_clock())
    )


def keep_beating(app: Flask, kind: str) -> Callable[[], None]:
    """For a process whose own loop must not wait for a database. Returns what ends it."""
    life, told_to_stop = Life(app, kind), threading.Event()

    def run() -> None:
        life.beat()
        while not told_to_stop.wait(BEAT_EVERY_S):
            life.beat()
        life.end()

    thread = threading.Thread(target=run, daemon=True, name="heartbeat")
    thread.start()

    def stop() -> None:
        told_to_stop.set()
        thread.join(1)

    return stop


# --- what they say


@dataclass(frozen=True, slots=True)
class Signs:
    """Of all processes of a kind: how many live, and how old the youngest sign is."""

    alive: int = 0
    age_s: float | None = None  # None: nobody has been seen


def signs() -> dict[str, Signs]:
    """By kind; also kinds of which there is no row."""
    rows = db.session.execute(
        sa.select(Process.kind, Process.beat_at, Process.ended_at, lease_clock().label("now"))
    ).all()
    ages: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for row in rows:
        ages[row.kind].append(((row.now - row.beat_at).total_seconds(), row.ended_at is None))
    return {
        kind: Signs(
            alive=sum(works and age < GONE_AFTER.total_seconds() for age, works in ages[kind]),
            age_s=max(0.0, min(age for age, _ in ages[kind])) if ages[kind] else None,
        )
        for kind in (WEB, WORKER)
    }


def are_expected(workers: Signs) -> bool:
    """A web alone has neither worker nor scheduler, unless some elsewhere use its database."""
    return running.settings().enable_background_workers or workers.age_s is not None


def somebody_works(workers: Signs) -> bool:
    return workers.age_s is not None and workers.age_s < NOBODY_FOR.total_seconds()


def scheduler_lives(workers: Signs) -> bool:
    """Its ticks arrive; or nobody is there to take them, and it says itself that it turns."""
    arrived = last_beat(SCHEDULER)
    if arrived is not None and clock.now() - arrived < LATE_AFTER:
        return True
    if workers.alive:
        return False
    turned = scheduler_turned()
    return turned is not None and turned < GONE_AFTER.total_seconds()


def scheduler_turned() -> float | None:
    """Seconds since a scheduler said in Redis that it turns; None without a word, or a Redis.

    By what is left of the note's time: no two clocks are compared.
    """
    client = redis_client.client()
    if client is None:
        return None
    try:
        left = client.pttl(wire.TURNING)
    except redis.RedisError:
        redis_client.report_failure()
        return None
    return wire.TURNING_KEPT_S - left / 1000 if left >= 0 else None
