"""The scheduler: hands the worker its ticks by the clock.

It needs Redis alone, so it loads neither the app nor the database. That it lives shows where its
ticks arrive: `core.work.heartbeat`.
"""

import contextlib
import signal
import time
from datetime import datetime, timedelta

import redis
import structlog
from rq import Queue
from rq.job import Job
from rq_scheduler import Scheduler

from clinic.config import Settings
from clinic.core.work import connection, crash
from clinic.core.work.wire import JOB_TIMEOUT_S, QUEUE, TICK, TURNING, TURNING_KEPT_S, JsonJob

log = structlog.get_logger()

LOOK_EVERY_S = 5  # the scheduler's step; ticks cannot be finer
REGISTER_EVERY = timedelta(seconds=60)
REST_AFTER_FAILURE_S = 1
LONGEST_ANSWER_S = 10.0


class TickScheduler(Scheduler):
    """rq-scheduler with argument-free ticks that are there once, whatever happened to Redis."""

    job_class = JsonJob

    def __init__(
        self,
        ticks: dict[str, int],
        connection: redis.Redis,
        register_every: timedelta = REGISTER_EVERY,
    ) -> None:
        super().__init__(queue_name=QUEUE, connection=connection, interval=LOOK_EVERY_S)
        self.ticks = ticks
        self.register_every_s = register_every.total_seconds()
        self.registered_at = float("-inf")

    def heartbeat(self) -> None:
        """Called by rq-scheduler at each turn."""
        self.connection.set(TURNING, 1, ex=TURNING_KEPT_S)
        super().heartbeat()
        if time.monotonic() - self.registered_at >= self.register_every_s:
            self.register_ticks()
            self.registered_at = time.monotonic()

    # Who is told to stop says so to Redis first. Were that an error while Redis is gone, it would
    # take the place of the end; what is not said there expires by itself.

    def register_death(self) -> None:
        with contextlib.suppress(redis.RedisError):
            super().register_death()

    def remove_lock(self) -> None:
        with contextlib.suppress(redis.RedisError):
            super().remove_lock()

    def register_ticks(self) -> None:
        """Fixed ids: a second start or a FLUSHALL never leaves two of a kind, or none."""
        for job, seconds in self.ticks.items():
            tick_id = TICK + job.replace(".", "-")
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


def tick(settings: Settings, ticks: dict[str, int]) -> None:
    """Run the scheduler until told to stop; it starts anew when Redis comes back."""
    patient = connection.patient(settings.redis_url, LONGEST_ANSWER_S)
    register_every = crash.hurried(REGISTER_EVERY, settings)
    while True:
        try:
            TickScheduler(ticks, patient, register_every).run()
        except redis.RedisError as error:
            log.warning("scheduler_waits_for_redis", error=type(error).__name__)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            time.sleep(REST_AFTER_FAILURE_S)
