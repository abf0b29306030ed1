"""P17, P18, P21: Redis only says 'look at the database now'; it may lose everything."""

import json
import os
import socket
import subprocess
import sys
import time
import zlib

import pytest
import sqlalchemy as sa
from rq.utils import import_attribute

from clinic.appointments.models import Appointment
from clinic.config import ROOT
from clinic.core.data.db import db, transactional
from clinic.core.work import heartbeat, ticking, wire
from clinic.core.work.ticking import TickScheduler
from clinic.events import jobs
from clinic.events.queries import tasks_about
from clinic.factory import create_app
from tests.conftest import client_of, settings_for
from tests.crowd import broken_invariants
from tests.factories import book, many_patients, next_week, scheduled

QUEUE_KEY = f"rq:queue:{wire.QUEUE}"
DELIVER = "clinic.events.jobs.deliver_due"


def waiting(connection):
    """The names of the queued jobs, out of what Redis really holds."""
    found = []
    for job_id in connection.lrange(QUEUE_KEY, 0, -1):
        data = connection.hget(f"rq:job:{job_id.decode()}", "data")
        name, _instance, arguments, options = json.loads(zlib.decompress(data))
        assert (arguments, options) == ([], {})
        found.append(name)
    return found


def test_many_bookings_queue_one_look_and_it_is_json(with_redis, cast, connection):
    with with_redis.app_context():
        for who, wall in ((cast.asha, "09:00"), (cast.bela, "09:30"), (cast.asha, "10:00")):
            book(who, cast.dr_chandra, wall)
    assert waiting(connection) == [DELIVER]
    assert import_attribute(DELIVER) is jobs.deliver_due


def test_nothing_is_queued_for_what_was_rolled_back(with_redis, cast, connection):
    @transactional
    def book_and_fail():
        book(cast.asha, cast.dr_chandra)
        raise LookupError

    with with_redis.app_context(), pytest.raises(LookupError):
        book_and_fail()
    assert waiting(connection) == []


def test_nothing_is_queued_where_workers_are_switched_off(with_redis, cast, connection):
    off = with_redis.config["SETTINGS"].model_copy(update={"enable_background_workers": False})
    with_redis.config["SETTINGS"] = off
    with with_redis.app_context():
        book(cast.asha, cast.dr_chandra)
    assert waiting(connection) == []


def test_redis_holds_no_names_no_reasons_and_no_secrets(with_redis, cast, connection):
    """P20: whoever reads the memory of Redis learns nothing about anybody."""
    client = client_of(with_redis, cast.asha)
    with with_redis.app_context():
        book(cast.asha, cast.dr_chandra)
    client.get("/appointments/")
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    kept = []
    for key in connection.keys("*"):
        kind = connection.type(key)
        whole = {b"hash": connection.hgetall, b"list": lambda k: connection.lrange(k, 0, -1)}
        whole |= {b"string": connection.get, b"set": connection.smembers}
        value = whole.get(kind, lambda k: connection.zrange(k, 0, -1))(key)
        kept.append(f"{key} {value}")
        if kind == b"hash" and b"data" in value:
            kept.append(zlib.decompress(value[b"data"]).decode())
    assert kept
    for canary in ("Asha", "Blood", "asha@", token, str(cast.asha.user_id)):
        assert canary not in " ".join(kept)


def test_sessions_live_on_when_redis_loses_everything(with_redis, cast, connection):
    client = client_of(with_redis, cast.esha)
    connection.flushall()
    assert client.get("/board/").status_code == 200


@pytest.fixture
def ticks(with_redis, connection):
    return TickScheduler(with_redis.config["TICKS"], connection)


def test_ticks_are_there_once_however_often_they_are_registered(with_redis, ticks, connection):
    ticks.register_ticks()
    TickScheduler(with_redis.config["TICKS"], connection).register_ticks()
    ids = {job.decode() for job in connection.zrange(ticks.scheduled_jobs_key, 0, -1)}
    assert ids == {"tick-" + name.replace(".", "-") for name in with_redis.config["TICKS"]}
    for name, seconds in with_redis.config["TICKS"].items():
        kept = connection.hgetall(f"rq:job:tick-{name.replace('.', '-')}")
        assert json.loads(zlib.decompress(kept[b"data"])) == [name, None, [], {}]
        assert json.loads(kept[b"meta"])["interval"] == seconds
        assert import_attribute(name)


def test_registering_again_does_not_hurry_an_hourly_tick(ticks, connection):
    ticks.register_ticks()
    for name in ticks.ticks:
        connection.zadd(ticks.scheduled_jobs_key, {"tick-" + name.replace(".", "-"): 4e9})
    ticks.register_ticks()
    due = connection.zrange(ticks.scheduled_jobs_key, 0, -1, withscores=True)
    assert {score for _, score in due} == {4e9}


def test_ticks_come_back_after_redis_lost_everything(with_redis, ticks, connection, monkeypatch):
    ticks.heartbeat()
    connection.flushall()
    ticks.heartbeat()
    assert connection.zcard(ticks.scheduled_jobs_key) == 0
    monkeypatch.setattr(
        ticks, "registered_at", time.monotonic() - ticking.REGISTER_EVERY.total_seconds()
    )
    ticks.heartbeat()
    assert connection.zcard(ticks.scheduled_jobs_key) == len(with_redis.config["TICKS"])


def test_a_tick_that_still_waits_is_not_queued_again(ticks, connection):
    ticks.register_ticks()
    for _ in range(3):
        for job in list(ticks.get_jobs()):
            ticks.enqueue_job(job)
    assert sorted(waiting(connection)) == sorted(ticks.ticks)
    due = [
        score for _, score in connection.zrange(ticks.scheduled_jobs_key, 0, -1, withscores=True)
    ]
    assert len(due) == len(ticks.ticks)
    assert all(score > time.time() for score in due)


def test_a_heartbeat_is_stale_when_no_busy_worker_can_be_the_reason(with_redis, monday_morning):
    def ready():
        heartbeat.Life(with_redis, heartbeat.WORKER).beat()  # busy, but there
        return with_redis.test_client().get("/ready").status_code

    with with_redis.app_context():
        heartbeat.beat(heartbeat.SCHEDULER)
    # The longest job, and two turns of the ticks that prove that the scheduler lives.
    rhythm = min(with_redis.config["TICKS"].values())
    monday_morning.shift(wire.JOB_TIMEOUT_S + 2 * rhythm)
    assert ready() == 200
    monday_morning.shift(rhythm + 1)
    assert ready() == 503


def run_worker(app):
    """The worker's own process, until nothing waits."""
    settings = app.config["SETTINGS"]
    environment = {
        **os.environ,
        "ENVIRONMENT": "testing",
        "CLINIC_DATA_DIR": str(settings.clinic_data_dir),
        "DATABASE_URL": "",
        "REDIS_URL": settings.redis_url,
        "LOG_LEVEL": "ERROR",
        "FLASK_SKIP_DOTENV": "1",
    }
    command = [sys.executable, "-m", "clinic", "worker", "--burst"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.trust
def test_a_tick_that_arrives_is_the_schedulers_heartbeat(with_redis, cast, connection, ticks):
    """It proves the whole chain: scheduler, Redis, worker, database. A kick proves less."""
    client = with_redis.test_client()
    alone = {"database": True, "redis": True, "workers": True, "scheduler": False}
    heartbeat.Life(with_redis, heartbeat.WORKER).beat()
    with with_redis.app_context():
        book(cast.asha, cast.dr_chandra, next_week("09:00"))
    assert run_worker(with_redis).returncode == 0
    assert client.get("/ready").json["checks"] == alone
    ticks.heartbeat()
    assert client.get("/ready").json["checks"] == alone
    ticks.enqueue_jobs()
    assert run_worker(with_redis).returncode == 0
    answer = client.get("/ready")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")


@pytest.mark.trust
def test_a_worker_accepts_the_bookings_and_can_be_kicked_again(with_redis, cast, connection):
    with with_redis.app_context():
        first = book(cast.asha, cast.dr_chandra, next_week("09:00"))
    connection.expire(f"kick:{DELIVER}", 600)  # not its age may end it but the worker's start
    done = run_worker(with_redis)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    with with_redis.app_context():
        (task,) = tasks_about(first.id)
        assert task.status == "succeeded"
        statuses = db.session.scalars(sa.select(Appointment.status)).all()
        assert statuses == ["scheduled"]
        assert connection.llen(QUEUE_KEY) == 0
        book(cast.bela, cast.dr_chandra, next_week("09:30"))
        assert waiting(connection) == [DELIVER]


@pytest.mark.trust
def test_kicks_lost_with_redis_are_made_good_by_the_ticks(with_redis, cast, connection, ticks):
    with with_redis.app_context():
        for number, who in enumerate(many_patients(6)):
            book(who, cast.dr_dev, next_week(f"{9 + number // 2:02}:00"))
        connection.flushall()
        ticks.register_ticks()
        for name in (DELIVER, "clinic.events.jobs.run_tasks"):
            ticks.enqueue_job(ticks.job_class.fetch("tick-" + name.replace(".", "-"), connection))
    assert run_worker(with_redis).returncode == 0
    with with_redis.app_context():
        assert set(db.session.scalars(sa.select(Appointment.status))) == {"scheduled"}
        assert broken_invariants() == []


class Deaf:
    """A Redis that takes the call and never answers, the worst way to be down."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{self.listener.getsockname()[1]}/0"

    def __exit__(self, *_):
        self.listener.close()


def refusing():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"redis://127.0.0.1:{taken.getsockname()[1]}/0"


@pytest.fixture(params=["refuses", "deaf", "no socket"])
def dead_redis(request, tmp_path):
    if request.param == "deaf":
        with Deaf() as url:
            yield url
    else:
        yield refusing() if request.param == "refuses" else f"unix://{tmp_path}/gone.sock"


def test_without_redis_booking_works_and_answers_quickly(app, cast, dead_redis):
    settings = settings_for(app.config["SETTINGS"].clinic_data_dir, redis_url=dead_redis)
    other = create_app(settings)
    other.config["WTF_CSRF_ENABLED"] = False
    client = client_of(other, cast.asha)
    times = []
    for wall in ("09:00", "09:30", "10:00", "10:30"):
        form = {
            "doctor": str(cast.dr_chandra.doctor_id),
            "start": next_week(wall).isoformat(),
            "reason": "Cough",
            "channel": "sms",
        }
        began = time.perf_counter()
        answer = client.post("/appointments/", data=form)
        times.append(time.perf_counter() - began)
        assert answer.status_code == 303
        assert client.get(answer.location).status_code == 200
    assert max(times) < 2.5
    assert sorted(times)[1] < 0.5  # after the first failure Redis is left alone for a while
    assert client.get("/metrics").status_code == 200
    ready = client.get("/ready")
    assert (ready.status_code, ready.json["checks"]["redis"]) == (503, False)
    with other.app_context():
        scheduled(cast.bela, cast.dr_dev)
        db.session.remove()
        db.engine.dispose()
