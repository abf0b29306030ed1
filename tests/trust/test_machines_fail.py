"""P31: a machine that fails makes the clinic slow, not closed."""

import time

import pytest
import redis
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.core.work import wire
from tests.conftest import client_of
from tests.factories import book, many_patients, next_week
from tests.trust.workshop import Clinic, balance, broken, due, sized, tell, until, waiting

pytestmark = pytest.mark.trust

DELIVER_EVENTS = "clinic.events.jobs.deliver_due"
SHORT_JOBS = 600  # more than two workers get done before Redis goes


def many_short_jobs(clinic: Clinic) -> None:
    """So that a worker that loses Redis has a job in its hand."""
    with redis.Redis.from_url(clinic.redis.url) as connection:
        queue = wire.queue_on(connection)
        for _ in range(SHORT_JOBS):
            queue.enqueue(DELIVER_EVENTS, result_ttl=0, job_timeout=wire.JOB_TIMEOUT_S)


def untold(visits: list[Appointment]) -> int:
    """How many of the visits nobody has accepted yet."""
    db.session.rollback()
    here = Appointment.id.in_([visit.id for visit in visits]), Appointment.status == "pending"
    return db.session.scalar(sa.select(sa.func.count()).where(*here)) or 0


def test_p31_redis_goes_away_under_many_short_jobs(clinic: Clinic):
    """Nobody ends, what starts meanwhile waits, and all comes back without hands."""
    away = sized(30, 5)
    clinic.twilio.control(latency=0.01)
    parts = [clinic.start(name) for name in ("worker", "worker", "scheduler")]
    until("the workers are there", lambda: clinic.has_workers(2))
    front_desk = client_of(clinic.app, clinic.stage.cast.esha)
    texts = due(sized(200, 40))
    many_short_jobs(clinic)
    until("jobs are being done", lambda: clinic.jobs_waiting() < SHORT_JOBS - 10)

    clinic.redis.kill()
    gone_at = time.monotonic()
    parts += [clinic.start(name) for name in ("worker", "scheduler")]
    visits = [
        book(who, clinic.stage.cast.dr_dev, next_week(f"{9 + number // 2:02}:00"))
        for number, who in enumerate(many_patients(6))
    ]
    texts += due(sized(100, 20))
    pages = [front_desk.get("/messages/").status_code for _ in range(5)]
    until("it was away for long", lambda: time.monotonic() - gone_at > away, away + 20)
    ended = [part.process.args for part in parts if part.process.poll() is not None]
    clinic.redis.start()

    back = until("all is sent", lambda: waiting() == 0 and untold(visits) == 0, 60)
    ended += [part.process.args for part in parts if part.process.poll() is not None]
    found = balance(texts, clinic.twilio.counts())
    assert (ended, set(pages)) == ([], {200})
    assert (found.doubled, found.lost) == (0, 0)
    assert broken() == {}
    tell("P31 Redis away", away=f"{away} s", ended=len(ended), lost=found.lost,
         doubled=found.doubled, all_done_after=f"{back:.1f} s")  # fmt: skip
