"""The pages people look at most: a doctor's week, and the first page of a search."""

import itertools
from dataclasses import dataclass

from flask import Flask

from bench import statements
from bench.load import Load, drive, request
from bench.people import Visitor
from bench.report import Row
from bench.rows import made_id
from bench.stage import Process
from clinic.doctors.vocabulary import SPECIALISATIONS

CLIENTS = 8
REPLAYED = 17  # pages whose SQL is sent again


@dataclass(frozen=True, slots=True)
class Measured:
    alone: Load
    together: Load
    cpu_ms: float  # of all web processes, a request


def measure(web: Process, requests: list[bytes], seconds: float) -> Measured:
    drive(web.port, requests[: 8 * CLIENTS], CLIENTS)  # warm up: pools, plans, templates
    alone = drive(web.port, itertools.cycle(requests), 1, seconds)
    before = web.cpu_seconds()
    together = drive(web.port, itertools.cycle(requests), CLIENTS, seconds)
    used = web.cpu_seconds() - before
    for load in (alone, together):
        assert set(load.statuses) == {200}, load.statuses
    return Measured(alone, together, used * 1000 / together.count)


def hello_row(found: Measured) -> Row:
    return row("Flask hello", found)


def row(name: str, found: Measured, **more: float) -> Row:
    return Row(
        name,
        {
            "req/s, 1": found.alone.per_second,
            "p50 ms, 1": found.alone.quantile_ms(0.5),
            "p99 ms, 1": found.alone.quantile_ms(0.99),
            "req/s, 8": found.together.per_second,
            "p95 ms, 8": found.together.quantile_ms(0.95),
            "p99 ms, 8": found.together.quantile_ms(0.99),
            "CPU ms": found.cpu_ms,
            **more,
        },
    )


def week_paths(doctors: int) -> list[str]:
    return [f"/doctors/{made_id('doctor', number)}" for number in range(1, min(doctors, 200))]


def search_paths() -> list[str]:
    return [f"/?specialisation={slug}" for slug in SPECIALISATIONS]


def week(
    web: Process, app: Flask, visitors: list[Visitor], base: Measured, size: int, seconds: float
) -> Row:
    paths = week_paths(size)
    people = itertools.cycle(visitors[:50])
    requests = [request(path, next(people).cookie) for path in paths]
    found = measure(web, requests, seconds)
    pages = [statements.of_page(app, path, visitors[0].cookie) for path in paths[:REPLAYED]]
    return _compared("Week page, signed in", found, base, pages, app, seconds)


def search(web: Process, app: Flask, base: Measured, seconds: float) -> Row:
    paths = search_paths()
    found = measure(web, [request(path) for path in paths], seconds)
    pages = [statements.of_page(app, path) for path in paths]
    return _compared("Search, first page", found, base, pages, app, seconds)


def _compared(
    name: str,
    found: Measured,
    base: Measured,
    pages: list[list[statements.Statement]],
    app: Flask,
    seconds: float,
) -> Row:
    by_hand = statements.replay(app.config["SETTINGS"].database, pages, seconds)
    sql_ms = by_hand.quantile_ms(0.5)
    return row(
        name,
        found,
        **{
            "SQL statements": max(map(len, pages)),
            "its SQL ms": sql_ms,
            "page / its SQL": found.alone.quantile_ms(0.5) / sql_ms,
            "CPU beyond hello ms": found.cpu_ms - base.cpu_ms,
            "hello req/s / page req/s": base.together.per_second / found.together.per_second,
        },
    )
