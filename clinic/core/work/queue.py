"""Background jobs: kicks at once, ticks by the clock. The only module that knows RQ.

Redis carries no truth: a kick or a tick only says "look at the database now". Jobs are
dotted names with JSON arguments, never pickles.
"""

import signal
import time
from datetime import datetime, timedelta
from typing import Any

import redis
import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq_scheduler import Scheduler
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core import clock
from clinic.core.data.db import Base, UtcDateTime, after_commit, db, transactional
from clinic.core.work import crash, redis_client

log = structlog.get_logger()

QUEUE = "clinic"
JOB_TIMEOUT_S = 120
KICK_EXPIRES_S = 5
LOOK_EVERY_S = 5  # the scheduler's step; ticks cannot be finer
REGISTER_EVERY = timedelta(seconds=60)


class Heartbeat(Base):
    """The last sign of life of a process that has no address of its own."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)


class JsonJob(Job):
    """RQ pickles unless told otherwise, and rq-scheduler never tells it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["serializer"] = JSONSerializer
        super().__init__(*args, **kwargs)


def kick(job: str) -> None:
    """Run the job named `module.function` soon after the current commit.

    Coalesced: one waiting kick covers every commit before it starts. A lost one is made
    good by the job's tick.
    """
    after_commit(f"kick:{job}", lambda: _enqueue(job))


def _enqueue(job: str) -> None:
    connection = redis_client.client()
    if connection is None or not current_app.config["SETTINGS"].enable_background_workers:
        return
    try:
        if connection.set(f"kick:{job}", 1, nx=True, ex=KICK_EXPIRES_S):
            _queue(connection).enqueue(
                job, result_ttl=0, failure_ttl=3600, job_timeout=JOB_TIMEOUT_S
            )
    except redis.RedisError as error:
        redis_client.report_failure()
        log.warning("kick_lost", job=job, error=type(error).__name__)


def _queue(connection: redis.Redis) -> Queue:
    return Queue(QUEUE, connection=connection, job_class=JsonJob, serializer=JSONSerializer)


class AppWorker(Worker):
    """Forks a work horse per job from a process that has imported the whole product."""

    app: Flask

    def perform_job(self, job: Job, *args: Any, **kwargs: Any) -> bool:
        # Before the job reads anything: a commit from now on must be able to kick again.
        self.connection.delete(f"kick:{job.func_name}")
        with self.app.app_context():
            return super().perform_job(job, *args, **kwargs)


def work(app: Flask, burst: bool = False) -> None:
    """Run jobs until told to stop; survives Redis going away."""
    connection = _patient_connection(app)
    worker = AppWorker(
        [_queue(connection)], connection=connection, job_class=JsonJob, serializer=JSONSerializer
    )
    worker.app = app
    worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)


def _patient_connection(app: Flask) -> redis.Redis:
    connection = redis_client.connect(app.config["SETTINGS"].redis_url, timeout_s=None)
    if connection is None:
        raise SystemExit("REDIS_URL is not set: the worker and the scheduler need it")
    return connection


class TickScheduler(Scheduler):
    """rq-scheduler with argument-free ticks that are there once, whatever happened to Redis."""

    job_class = JsonJob

    def __init__(self, app: Flask, ticks: dict[str, int], connection: redis.Redis) -> None:
        super().__init__(queue_name=QUEUE, connection=connection, interval=LOOK_EVERY_S)
        self.app = app
        self.ticks = ticks
        self.registered_at = float("-inf")

    def heartbeat(self) -> None:
        """Called by rq-scheduler at each turn."""
        super().heartbeat()
        with self.app.app_context():
            every = crash.hurried(REGISTER_EVERY)
        if time.monotonic() - self.registered_at >= every.total_seconds():
            self.register_ticks()
            self.registered_at = time.monotonic()
        try:
            with self.app.app_context():
                beat("scheduler")
        except sa.exc.SQLAlchemyError as error:  # the database may be restarting; ticks go on
            log.warning("heartbeat_lost", error=type(error).__name__)

    def register_ticks(self) -> None:
        """Fixed ids: a second start or a FLUSHALL never leaves two of a kind, or none."""
        for job, seconds in self.ticks.items():
            tick_id = "tick-" + job.replace(".", "-")
            if tick_id not in self:
                self.schedule(
                    datetime.utcnow(),  # noqa: DTZ003 - rq-scheduler counts in naive UTC
                    job,
                    interval=seconds,
                    id=tick_id,
                    timeout=JOB_TIMEOUT_S,
                )

    def enqueue_job(self, job: Job) -> None:
        """Never queue a tick that still waits: a long outage would pile up thousands."""
        key = f"{Queue.redis_queue_namespace_prefix}{QUEUE}"
        if self.connection.lpos(key, job.id) is None:
            super().enqueue_job(job)
            return
        again = datetime.utcnow() + timedelta(seconds=self.ticks.get(job.func_name or "", 60))  # noqa: DTZ003 - as above
        self.connection.zadd(self.scheduled_jobs_key, {job.id: again.timestamp()})


def tick(app: Flask, ticks: dict[str, int]) -> None:
    """Run the scheduler until told to stop; it starts anew when Redis comes back."""
    connection = _patient_connection(app)
    while True:
        try:
            TickScheduler(app, ticks, connection).run()
        except redis.RedisError as error:
            log.warning("scheduler_waits_for_redis", error=type(error).__name__)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            time.sleep(1)


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


def gauges() -> dict[str, float]:
    """How old the scheduler's last beat is (seconds), and what Redis knows of workers and jobs."""
    found: dict[str, float] = {}
    beat_at = last_beat("scheduler")
    if beat_at:
        found["scheduler_heartbeat_age_seconds"] = (clock.now() - beat_at).total_seconds()
    connection = redis_client.client()
    if connection is None:
        return found
    try:
        found["queue_workers"] = Worker.count(connection=connection)
        found["queue_jobs_waiting"] = len(_queue(connection))
    except redis.RedisError:
        redis_client.report_failure()
    return found
