"""The JSON API: what programs ask most, what its parts cost, and booking by it."""

import itertools
import json
import pickle
import timeit
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask

from bench import doors, measuring, peer, people, stage, statements
from bench.by_hand import Wish
from bench.load import Connection, api_request
from bench.measuring import Measured
from bench.people import Program
from bench.process import Process
from bench.report import Row
from bench.rows import STAFF, made_id, plain
from bench.stage import Stage
from clinic.config import ROOT

API = "/api/v1"
RECORDED = 64  # requests whose SQL is sent by hand
MOST_DOCTORS = 200
# Each row asks for people of its own, so many that no limit of theirs is reached.
ASKING, PROVING, LISTING = range(1000), range(1000, 1500), range(1500, 2000)
BODY_BYTES = 2048
TIMES = 500


def reads(
    on: Stage, app: Flask, base: Measured, doctors: int, seconds: float, has_peer: bool
) -> list[Row]:
    """A day's slots and two lists, beside no database at all, the slots' SQL by hand, and C."""
    asking, listing = people.programs(app, ASKING), people.programs(app, LISTING)
    desk = people.programs(app, range(STAFF), "staff")
    slots = [slots_path(number) for number in range(1, min(doctors, MOST_DOCTORS))]
    mine = [f"{API}/appointments?limit=20"]
    pages = [_heard(app, path, asking[0]) for path in slots[:RECORDED]]
    rows = [base.row("Flask hello"), _by_hand(on, pages, seconds).row("Slots by hand")]
    with on.web() as web:
        rows += _slots(on, app, web, slots, asking, seconds, has_peer)
        rows += [
            _measured(on, web, mine, listing, seconds).row("A patient's visits"),
            _measured(on, web, mine, desk, seconds).row("A desk's visits"),
        ]
    return rows


def _slots(
    on: Stage,
    app: Flask,
    web: Process,
    paths: list[str],
    who: list[Program],
    seconds: float,
    has_peer: bool,
) -> list[Row]:
    if not has_peer:
        return [_measured(on, web, paths, who, seconds).row("Slots")]
    bare = [path.removeprefix(API) for path in paths]
    with peer.service(on) as service:
        _compare(app, service, paths[:RECORDED], who[0])
        ways = {"C: slots": (service, bare), "Slots": (web, paths)}
        found = measuring.in_turns(
            {
                name: measuring.keeping(on, process, _asked(of, who), seconds)
                for name, (process, of) in ways.items()
            }
        )
    ours = found["Slots"]
    beside = measuring.times(found["C: slots"], ours, "C")
    return [found["C: slots"].row("C: slots"), ours.row("Slots", **beside)]


def _compare(app: Flask, service: Process, paths: Sequence[str], who: Program) -> None:
    """The bare service must say the same, or the comparison is worth nothing."""
    connection = Connection(service.port)
    for path in paths:
        _, ours = _heard(app, path, who)
        _, body = connection.ask(api_request(path.removeprefix(API), who.bearer))
        assert json.loads(body) == ours, (body, ours)
    connection.close()


def slots_path(number: int) -> str:
    return f"{API}/doctors/{made_id('doctor', number)}/slots?date={_next_working_day()}"


def _next_working_day() -> date:
    coming = (datetime.now(UTC).date() + timedelta(days=days) for days in range(1, 8))
    return next(day for day in coming if day.weekday() < 5)


def _heard(app: Flask, path: str, who: Program) -> tuple[list[statements.Statement], Any]:
    headers = {"Authorization": f"Bearer {who.bearer}"}
    heard, answer = statements.of_request(app, path, headers)
    return heard, answer.get_json()


def _by_hand(
    on: Stage, pages: list[tuple[list[statements.Statement], Any]], seconds: float
) -> Measured:
    file = on.folder / "pages.pickle"
    file.write_bytes(pickle.dumps(pages))
    settings = {
        "PYTHONPATH": str(ROOT),  # parameters may be of the product's own types
        "BENCH_PAGES": str(file),
        "BENCH_DATABASE": plain(on.database),
    }
    requests = [api_request(f"/{number}") for number in range(len(pages))]
    with stage.bare("by_hand_json", on.log, **settings) as web:
        return measuring.kept(on, web, requests, seconds)


def _measured(
    on: Stage, web: Process, paths: list[str], who: list[Program], seconds: float
) -> Measured:
    return measuring.kept(on, web, _asked(paths, who), seconds)


def _asked(paths: list[str], who: list[Program]) -> list[bytes]:
    path = itertools.cycle(paths)
    return [api_request(next(path), one.bearer) for one in who]


def costs(on: Stage, app: Flask, seconds: float) -> list[Row]:
    """The least that an answer costs; then with a token; both without limits and with them."""
    clock = [api_request(f"{API}/time/now") for _ in range(2000)]
    rows = []
    for name, limits in (("limits off", "0"), ("limits on", "1")):
        proving = people.programs(app, PROVING)
        with on.web(RATE_LIMITS=limits) as web:
            now = measuring.kept(on, web, clock, seconds)
            me = _measured(on, web, [f"{API}/auth/me"], proving, seconds)
        more = {
            "me / now, CPU": me.cpu_ms / now.cpu_ms,
            "me / now, p50": me.alone.quantile_ms(0.5) / now.alone.quantile_ms(0.5),
        }
        rows += [now.row(f"now, {name}"), me.row(f"me, {name}", **more)]
    return rows


def bodies(app: Flask) -> list[Row]:
    """Reading a body so that it means one thing, beside the library's reading alone."""
    return [_body("of a booking", app, _booking_body()), _body("of 2 KB", app, _long_body())]


def _body(name: str, app: Flask, raw: bytes) -> Row:
    strict_us, plain_us = _microseconds(app.json.loads, raw), _microseconds(json.loads, raw)
    figures = {
        "bytes": len(raw),
        "strict µs": strict_us,
        "json.loads µs": plain_us,
        "strict / json.loads": strict_us / plain_us,
    }
    return Row(name, figures)


def _microseconds(read: Any, raw: bytes) -> float:
    return min(timeit.repeat(lambda: read(raw), number=TIMES, repeat=9)) / TIMES * 1e6


def _booking_body() -> bytes:
    wish = Wish(made_id("doctor", 1), datetime.now(UTC))
    return json.dumps(doors.body_of(wish)).encode()


def _long_body() -> bytes:
    lines = [{"line": number, "text": 'What somebody said, "so".'} for number in range(34)]
    body = {"lines": lines, "rest": ""}
    body["rest"] = "x" * (BODY_BYTES - len(json.dumps(body)))
    return json.dumps(body).encode()
