"""The JSON API: what programs ask most, what its parts cost, and booking by it."""

import itertools
import json
import pickle
import timeit
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from werkzeug.test import Client, TestResponse

from bench import booking, people, reading, stage, statements
from bench.booking import Diary, Door
from bench.by_hand import Wish
from bench.load import api_request
from bench.people import VISITORS, Program
from bench.reading import Measured
from bench.report import Row
from bench.rows import LIVE_PATIENTS, STAFF, made_id, plain
from bench.stage import Process, Stage

API = "/api/v1"
RECORDED = 64  # requests whose SQL is sent by hand
# Each row asks for people of its own, so many that no limit of theirs is reached.
ASKING, PROVING, LISTING = range(500), range(500, 1000), range(1000, VISITORS)
BODY_BYTES = 2048
TIMES = 500


def reads(on: Stage, app: Flask, doctors: int, seconds: float) -> list[Row]:
    """A day's slots and two lists, beside no database at all and the slots' SQL by hand."""
    asking, listing = people.programs(app, ASKING), people.programs(app, LISTING)
    desk = people.programs(app, range(STAFF), "staff")
    slots = [slots_path(number) for number in range(1, min(doctors, 200))]
    mine = [f"{API}/appointments?limit=20"]
    with stage.bare("hello", on.log) as hello:
        base = reading.measure(hello, [stage.HELLO_REQUEST] * 64, seconds)
    pages = [_heard(app, path, asking[0]) for path in slots[:RECORDED]]
    by_hand = _by_hand(on, pages, seconds)
    with on.web() as web:
        found = [
            _measured(web, slots, asking, seconds),
            _measured(web, mine, listing, seconds),
            _measured(web, mine, desk, seconds),
        ]
    return [
        reading.hello_row(base),
        reading.row("Slots by hand", by_hand, **_sql(pages)),
        _beside("Slots", found[0], base, **_sql(pages), **_ratio("by hand", by_hand, found[0])),
        _beside("A patient's visits", found[1], base, **_sql([_heard(app, mine[0], listing[0])])),
        _beside("A desk's visits", found[2], base, **_sql([_heard(app, mine[0], desk[0])])),
    ]


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
    settings = {"BENCH_PAGES": str(file), "BENCH_DATABASE": plain(on.database)}
    requests = [api_request(f"/{number}") for number in range(len(pages))]
    with stage.bare("by_hand_json", on.log, **settings) as web:
        return reading.measure(web, requests, seconds)


def _measured(web: Process, paths: list[str], who: list[Program], seconds: float) -> Measured:
    path = itertools.cycle(paths)
    return reading.measure(web, [api_request(next(path), one.bearer) for one in who], seconds)


def _beside(name: str, found: Measured, base: Measured, **more: float) -> Row:
    beyond = {"CPU beyond hello ms": found.cpu_ms - base.cpu_ms}
    return reading.row(name, found, **more, **beyond, **_ratio("hello", base, found))


def _ratio(name: str, base: Measured, found: Measured) -> dict[str, float]:
    return {f"{name} req/s / req/s": base.together.per_second / found.together.per_second}


def _sql(pages: list[tuple[list[statements.Statement], Any]]) -> dict[str, float]:
    return {"SQL statements": max(len(heard) for heard, _ in pages)}


def costs(on: Stage, app: Flask, seconds: float) -> list[Row]:
    """The least that an answer costs; then with a token; both without limits and with them."""
    clock = [api_request(f"{API}/time/now") for _ in range(2000)]
    rows = []
    for name, limits in (("limits off", "0"), ("limits on", "1")):
        proving = people.programs(app, PROVING)
        with on.web(RATE_LIMITS=limits) as web:
            now = reading.measure(web, clock, seconds)
            me = _measured(web, [f"{API}/auth/me"], proving, seconds)
        more = {
            "me / now, CPU": me.cpu_ms / now.cpu_ms,
            "me / now, p50": me.alone.quantile_ms(0.5) / now.alone.quantile_ms(0.5),
        }
        rows += [reading.row(f"now, {name}", now), reading.row(f"me, {name}", me, **more)]
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
    return json.dumps(body_of(wish)).encode()


def _long_body() -> bytes:
    lines = [{"line": number, "text": 'What somebody said, "so".'} for number in range(34)]
    body = {"lines": lines, "rest": ""}
    body["rest"] = "x" * (BODY_BYTES - len(json.dumps(body)))
    return json.dumps(body).encode()


# --- booking


def bookings(on: Stage, app: Flask, many: int) -> list[Row]:
    """As by page: each patient once, over the diaries of eight doctors, while the worker works."""
    booking_now = iter(people.programs(app, range(VISITORS, LIVE_PATIENTS)))
    with on.web() as web, on.jobs("worker"):
        diary = Diary(app, DOOR.first_doctor)
        return booking.through(DOOR, web, app, diary, booking_now, many)


def body_of(wish: Wish) -> dict[str, str]:
    return {
        "doctor_id": str(wish.doctor_id),
        "start": wish.start.isoformat(),
        "reason": "A check of something",
    }


def _book(wish: Wish, who: Program) -> bytes:
    return api_request(f"{API}/appointments", who.bearer, body_of(wish), uuid4().hex)


def _book_once(client: Client, wish: Wish, who: Program) -> TestResponse:
    return client.post(
        f"{API}/appointments",
        json=body_of(wish),
        headers={"Authorization": f"Bearer {who.bearer}", "Idempotency-Key": uuid4().hex},
        base_url="https://clinic.test",
    )


DOOR = Door(_book, _book_once, 201, first_doctor=21, first_stranger=LIVE_PATIENTS + 1500)
