"""P31: a machine that fails makes the clinic slow, not closed."""

import json
import shutil
import time
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import redis
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db, transactional
from clinic.core.work import heartbeat, wire
from tests.conftest import client_of
from tests.factories import book, many_patients, next_week
from tests.ops.processes import Product
from tests.pages import soup
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


def ask(web: Product, path: str) -> tuple[int, str]:
    try:
        with urlopen(web.address + path, timeout=10) as answer:  # noqa: S310 - our own address
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def ready(web: Product) -> dict[str, bool]:
    return json.loads(ask(web, "/ready")[1])["checks"]


def figure(web: Product, name: str) -> float:
    found = [line for line in ask(web, "/metrics")[1].splitlines() if line.startswith(name + " ")]
    return float(found[0].split()[1])


def light(clinic: Clinic, name: str) -> str:
    db.session.remove()
    rows = soup(client_of(clinic.app, clinic.stage.cast.gita).get("/admin/health")).select(
        "#health li"
    )
    return next(row.select_one(".badge")["data-status"] for row in rows if row.span.text == name)


@transactional
def long_ago(seconds: float) -> None:
    """For who has no two minutes: the last signs were given so much earlier."""
    for process in db.session.scalars(sa.select(heartbeat.Process)).all():
        process.beat_at -= timedelta(seconds=seconds)


def test_p31_all_workers_die(clinic: Clinic):
    """It is told within two minutes, as what it is, and no scheduler is suspected."""
    web = clinic.start_web()
    until("the web answers", lambda: ask_or_nothing(web) == 200)
    workers = [clinic.start("worker"), clinic.start("worker")]
    clinic.start("scheduler")
    until("all is well", lambda: all(ready(web).values()), 120)
    until("both are counted", lambda: figure(web, "queue_workers") == 2)
    until("so are those of the web", lambda: figure(web, "web_workers") == 2)
    assert light(clinic, "Workers") == "ok"
    with redis.Redis.from_url(clinic.redis.url) as connection:
        connection.flushall()
    assert figure(web, "queue_workers") == 2

    for worker in workers:
        clinic.kill(worker)
    died_at = time.monotonic()
    long_ago(sized(0, 100))
    told = until("it is told", lambda: not ready(web)["workers"], 120, pause=0.5)
    assert ask(web, "/ready")[0] == 503
    assert time.monotonic() - died_at < 120
    until("the scheduler says that it turns", lambda: ready(web)["scheduler"], 20)
    assert light(clinic, "Workers") == "danger"
    assert figure(web, "queue_workers") == 0
    assert ask(web, "/login")[0] == 200
    clinic.start("worker")
    back = until("all is well again", lambda: all(ready(web).values()), 60)
    tell("P31 all workers dead", told_after=f"{told:.0f} s", back_after=f"{back:.1f} s")


def ask_or_nothing(web: Product, path: str = "/health") -> int:
    try:
        return ask(web, path)[0]
    except OSError:
        return 0


# A file of this process, and of its children, ends after so many blocks of 512 bytes: a disk that
# is full for figures, for temporary files, for logs.
FULL_DISK = ("sh", "-c", 'ulimit -f 24 && exec "$@"', "sh")
NO_TRACES = {"PYTHONDONTWRITEBYTECODE": "1"}  # Python would keep half a file of compiled code


LOGGING = {  # testing keeps no file
    "ENVIRONMENT": "development",
    "PUBLIC_BASE_URL": "",
    "LOG_LEVEL": "INFO",
}


def pages_lost(web: Product, count: int) -> int:
    return sum(ask_or_nothing(web, "/login") != 200 for _ in range(count))


def lines(said: str, event: str) -> int:
    return said.count(f'"event": "{event}"')


def test_p31_disks_are_full(clinic: Clinic):
    """No answer is lost and no process dies; each loss is said once."""
    logs = clinic.folder / "logs"
    logs.mkdir()
    (logs / "app.log").symlink_to("/dev/full")
    web = clinic.start_web(FULL_DISK, LOG_DIR=str(logs), **LOGGING, **NO_TRACES)
    until("the web answers", lambda: ask_or_nothing(web) == 200)
    lost = pages_lost(web, 25)
    asked = sized(600, 60)
    lost += sum(ask_or_nothing(web, "/health") != 200 for _ in range(asked))
    said = web.said
    assert lines(said, "log_file_lost") == 1
    assert lines(said, "figures_not_shared") == 1
    assert said.count("Booting worker") == 2
    assert ask(web, "/metrics")[0] == 200
    assert (lost, "Traceback" in said) == (0, False)
    tell("P31 disks full", asked=asked + 25, answers_lost=lost, workers_lost=0, said="once")


def replaced_by_file(folder: Path) -> bool:
    """Whether a plain file stands where the folder was. The line of an answered request may be
    written a moment later, and makes the folder again: then it is to be taken away once more."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.write_text("in its place")
    except IsADirectoryError:
        return False
    return True


def test_p31_the_log_folder_goes_away(clinic: Clinic):
    logs = clinic.folder / "logs"
    web = clinic.start_web(LOG_DIR=str(logs), **LOGGING)
    until("the web answers", lambda: ask_or_nothing(web) == 200)
    assert pages_lost(web, 5) == 0
    until("a file stands in its place", lambda: replaced_by_file(logs))
    lost = pages_lost(web, sized(400, 40))
    workers = web.said.count("Booting worker")
    assert 1 <= lines(web.said, "log_file_lost") <= 1 + workers  # once a process
    logs.unlink()

    def is_back() -> bool:
        nonlocal lost
        lost += pages_lost(web, 4)
        return (logs / "app.log").exists()

    back = until("the log is written again", is_back, 30, pause=0.5)
    assert (lost, workers) == (0, 2)
    assert lines((logs / "app.log").read_text(), "request") > 0
    tell("P31 log folder gone", answers_lost=lost, back_after=f"{back:.1f} s")
