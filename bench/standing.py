"""What the product costs while nobody asks for anything: memory, and the time it takes to start."""

import itertools
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
from flask import Flask
from redis import Redis

from bench import doors, peer, people, reading, stage
from bench.api import API, slots_path
from bench.booking import free_times
from bench.load import api_request, drive, request
from bench.measuring import CLIENTS
from bench.process import Process, free_port
from bench.report import Row
from bench.rows import plain
from bench.stage import Stage
from clinic.config import ROOT

BOOKED = 96
PAUSE_S = 8.0
LONGEST_JOB_S = 30.0
WEIGH_EVERY_S = 0.05
RUN = (sys.executable, "-m", "clinic", "up")  # as in the Makefile
PRODUCT = ("clinic", "migrations", "static", "templates", "gunicorn.conf.py", "wsgi.py")
BYTECODE = shutil.ignore_patterns("__pycache__")


def memory(on: Stage, app: Flask, seconds: float, has_peer: bool) -> Row:
    """After a load and a pause; the worker once more while it has jobs, at its largest."""
    programs = people.programs(app, people.IN_QUIET)
    with Redis.from_url(on.redis.url) as redis, ExitStack() as open_now:
        redis.flushdb()
        hello = open_now.enter_context(stage.bare("hello", on.log))
        drive(hello.port, itertools.cycle([stage.HELLO_REQUEST]), CLIENTS, seconds)
        figures = {"Flask hello, 2 web workers": _after_pause(hello)}
        if has_peer:
            with peer.service(on) as service:
                _read(service, programs, seconds, "")
                figures["C, 2 workers"] = _after_pause(service)
        web = open_now.enter_context(on.web())
        worker = open_now.enter_context(on.jobs("worker"))
        scheduler = open_now.enter_context(on.jobs("scheduler"))
        _read(web, programs, seconds, API)
        weeks = [request(path) for path in reading.week_paths(100)]
        drive(web.port, itertools.cycle(weeks), CLIENTS, seconds)
        figures["worker, with a job"] = _while_it_works(on, app, web, worker, programs)
        figures["web, 2 workers"] = _after_pause(web)
        figures["worker, quiet"] = worker.pss_mb()
        figures["scheduler"] = scheduler.pss_mb()
    return Row("MB (PSS)", figures)


def _after_pause(process: Process) -> float:
    time.sleep(PAUSE_S)
    return process.pss_mb()


def _read(web: Process, programs: list[people.Program], seconds: float, prefix: str) -> None:
    paths = [prefix + slots_path(number).removeprefix(API) for number in range(1, 100)]
    asked = [
        api_request(path, who.bearer)
        for path, who in zip(itertools.cycle(paths), programs * 20, strict=False)
    ]
    drive(web.port, asked, CLIENTS, seconds)


def _while_it_works(
    on: Stage, app: Flask, web: Process, worker: Process, programs: list[people.Program]
) -> float:
    slots = free_times(app, doors.MEMORY.first_doctor)
    booked = [doors.MEMORY.raw(next(slots), who) for who in programs[:BOOKED]]
    drive(web.port, booked, CLIENTS)
    peak, began = worker.pss_mb(), time.monotonic()
    while time.monotonic() - began < LONGEST_JOB_S and _is_waiting(on):
        peak = max(peak, worker.pss_mb())
        time.sleep(WEIGH_EVERY_S)
    return peak


def _is_waiting(on: Stage) -> bool:
    with psycopg.connect(plain(on.database)) as connection:
        due = (
            "SELECT 1 FROM event_deliveries WHERE done_at IS NULL AND set_aside_at IS NULL LIMIT 1"
        )
        return connection.execute(due).fetchone() is not None


def starts(folder: Path) -> list[Row]:
    """`make run` after the installation, embedded: in a fresh clone, then once more in it."""
    rows = []
    for demo, of in (("1", ""), ("0", ", no demo clinic")):
        clone = _clone(folder / f"clone{demo}")
        rows += [Row(f"{name}{of}", _start(clone, demo)) for name in ("first", "second")]
    return rows


def _clone(place: Path) -> Path:
    """The product's own files, not compiled yet."""
    place.mkdir()
    for name in PRODUCT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=BYTECODE)
        else:
            shutil.copy(source, place / name)
    return place


def _start(clone: Path, demo: str) -> dict[str, float]:
    port = free_port()
    began = time.monotonic()
    settings = {"PORT": str(port), "DEMO": demo}
    with Process(RUN, port, clone / "up.log", folder=clone, **settings) as product:
        product.wait_for_page("/")
        return {
            "first page after s": time.monotonic() - began,
            "CPU s until then": product.cpu_seconds(),  # the same on a machine that is busy
        }
