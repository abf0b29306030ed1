"""Background jobs: kicks at once, and the worker that takes kicks and ticks.

Redis carries no truth: a kick or a tick only says "look at the database now". Jobs are
dotted names with JSON arguments, never pickles.
"""

import contextlib
import signal
import time
from typing import Any

import redis
import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from rq import Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from clinic.core import clock, forking
from clinic.core.data.db import db
from clinic.core.work import connection, heartbeat, redis_client, wire
from clinic.core.work.redis_client import Errand

log = structlog.get_logger()

NAMES = {heartbeat.WEB: "web_workers", heartbeat.WORKER: "queue_workers"}
KICK_EXPIRES_S = 5
REST_AFTER_FAILURE_S = 1
# RQ would wait seven minutes for a job in one call, and as long for a Redis that fell silent.
TURN_S = 15
RQ_ASKS_EARLIER_S = 15  # than its worker's entry in Redis expires


def kick(job: str) -> None:
    """Run the job named `module.function` soon after the current commit.

    Coalesced: one waiting kick covers every commit before it starts. A lost one is made
    good by the job's tick.
    """
    if not current_app.config["SETTINGS"].enable_background_workers:
        return

    def enqueue(client: redis.Redis, is_first: bool | None) -> None:
        if is_first:
            wire.queue_on(client).enqueue(
                job, result_ttl=0, failure_ttl=3600, job_timeout=wire.JOB_TIMEOUT_S
            )

    def mark(pipe: redis.Redis) -> object:
        return pipe.set(f"kick:{job}", 1, nx=True, ex=KICK_EXPIRES_S)

    errand = Errand(mark, lost="kick_lost", about={"job": job}, answered=enqueue)
    redis_client.send_after_commit(f"kick:{job}", errand)


class AppWorker(Worker):
    """Forks a work horse per job from a process that has imported the whole product."""

    app: Flask
    life: heartbeat.Life
    was_told_to_stop = False
    max_connection_wait_time = 5.0  # seconds; RQ's minute is one more of texts that wait

    def request_stop(self, signum: Any, frame: Any) -> None:
        self.was_told_to_stop = True  # before RQ tells a Redis that may end at the same moment
        if self.get_state() == WorkerStatus.BUSY:
            super().request_stop(signum, frame)
            return
        # RQ raises an Exception, which comes up wherever the client of Redis is just then, and may
        # be caught there. This one nobody catches.
        raise SystemExit

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """At each turn of the loop, at most 15 s apart, also while a job runs."""
        if not self.is_horse:
            _beat(self.life)
        super().heartbeat(timeout, pipeline)

    def register_death(self) -> None:
        # While Redis is gone, this and the next would take the place of the end, and leave RQ's
        # listening thread behind. What is not said there expires by itself.
        with contextlib.suppress(redis.RedisError):
            super().register_death()

    def unsubscribe(self) -> None:
        if self.pubsub_thread:
            self.pubsub_thread.stop()
        with contextlib.suppress(redis.RedisError):
            super().unsubscribe()

    def perform_job(self, job: Job, *args: Any, **kwargs: Any) -> bool:
        # Before the job reads anything: a commit from now on must be able to kick again.
        self.connection.delete(f"kick:{job.func_name}")
        with self.app.app_context():
            _note_arrival(job)
            return super().perform_job(job, *args, **kwargs)


def _note_arrival(job: Job) -> None:
    """A tick proves that the scheduler lives."""
    if not job.id.startswith(wire.TICK):
        return
    try:
        heartbeat.beat(heartbeat.SCHEDULER)
    except sa.exc.SQLAlchemyError as error:  # the database may be restarting; the job will tell
        log.warning("heartbeat_lost", error=type(error).__name__)


def work(app: Flask, burst: bool = False) -> None:
    """Run jobs until told to stop; waits for Redis, at the start and in the middle."""
    patient = connection.patient(app.config["SETTINGS"].redis_url)
    forking.get_ready(app, "messages/", app.config["TICKS"])
    life = heartbeat.Life(app, heartbeat.WORKER)
    try:
        _work(app, patient, life, burst)
    finally:
        life.end()


def _work(app: Flask, patient: redis.Redis, life: heartbeat.Life, burst: bool) -> None:
    while True:
        worker, error = None, None
        _beat(life)
        try:
            worker = _worker(app, patient, life)
            worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)
        except redis.RedisError as one:
            if burst:
                raise
            error = type(one).__name__
        if burst or (worker and worker.was_told_to_stop):
            return
        # RQ waits for Redis while it asks for a job, but ends if Redis is not there at the start,
        # or goes while there is a job; without an error, if it is back when RQ says goodbye.
        log.warning("worker_waits_for_redis", error=error)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        time.sleep(REST_AFTER_FAILURE_S)


def _beat(life: heartbeat.Life) -> None:
    if life.beat():
        with life.app.app_context():
            db.engine.dispose()  # work horses are forked from here, and would share its connections


def _worker(app: Flask, patient: redis.Redis, life: heartbeat.Life) -> AppWorker:
    worker = AppWorker(
        [wire.queue_on(patient)],
        connection=patient,
        job_class=wire.JsonJob,
        serializer=JSONSerializer,
        worker_ttl=TURN_S + RQ_ASKS_EARLIER_S,
        job_monitoring_interval=TURN_S,
    )
    worker.app, worker.life = app, life
    return worker


def gauges() -> dict[str, float]:
    """Who lives, how old in seconds the signs of it are, and what waits in Redis."""
    found: dict[str, float] = {}
    for kind, seen in heartbeat.signs().items():
        found[NAMES[kind]] = seen.alive
        if seen.age_s is not None:
            found[f"{kind}_heartbeat_age_seconds"] = seen.age_s
    beat_at = heartbeat.last_beat(heartbeat.SCHEDULER)
    if beat_at:
        found["scheduler_heartbeat_age_seconds"] = (clock.now() - beat_at).total_seconds()
    turned = heartbeat.scheduler_turned()
    if turned is not None:
        found["scheduler_turn_age_seconds"] = turned
    client = redis_client.client()
    if client is None:
        return found
    try:
        found["queue_jobs_waiting"] = len(wire.queue_on(client))
    except redis.RedisError:
        redis_client.report_failure()
    return found
