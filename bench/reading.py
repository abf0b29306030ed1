"""The pages people look at most: a doctor's week, and the first page of a search."""

import itertools
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask import Flask

from bench import measuring, statements
from bench.load import Load, request
from bench.measuring import Measured
from bench.people import Visitor
from bench.process import Process
from bench.report import Row
from bench.rows import made_id
from bench.stage import HELLO_REQUEST, Stage
from clinic.doctors.vocabulary import SPECIALISATIONS

HELLO = "Flask hello"
REPLAYED = 17  # pages whose SQL is sent again
MOST_DOCTORS = 200
WEEKS, DAYS = 7, 40
KEPT_SEARCHES = 17  # those that find somebody


def pages(
    on: Stage,
    app: Flask,
    hello: Process,
    web: Process,
    visitors: Sequence[Visitor],
    doctors: int,
    seconds: float,
) -> list[Row]:
    """Each page asked again and again, and each time another one, in turns with no page at all."""
    who = itertools.cycle(visitors[:50])
    weeks = [request(path, next(who).cookie) for path in week_paths(doctors)[:MOST_DOCTORS]]
    others = [request(path, next(who).cookie) for path in week_paths(doctors, WEEKS)]
    few = [request(path) for path in search_paths()[:KEPT_SEARCHES]]
    many = [request(path) for path in search_paths(DAYS)]
    for mixed in (others, many):
        random.Random(1).shuffle(mixed)
    found = measuring.in_turns(
        {
            HELLO: measuring.keeping(on, hello, [HELLO_REQUEST] * 64, seconds),
            "Week, kept": measuring.keeping(on, web, weeks, seconds),
            "Week, rendered": measuring.rendering(on, web, others, seconds),
            "Search, kept": measuring.keeping(on, web, few, seconds),
            "Search, rendered": measuring.rendering(on, web, many, seconds),
        }
    )
    base = found.pop(HELLO)
    sql = _sql(on, app, visitors[0].cookie, doctors, seconds / 2)
    rows = [_row(name, one, base, sql[name.partition(",")[0]]) for name, one in found.items()]
    return [base.row(HELLO), *rows]


def _sql(
    on: Stage, app: Flask, cookie: str, doctors: int, seconds: float
) -> dict[str, tuple[Load, float]]:
    asked = {
        "Week": [(path, cookie) for path in week_paths(doctors)[:REPLAYED]],
        "Search": [(path, "") for path in search_paths()[:KEPT_SEARCHES]],
    }
    heard = {name: [statements.of_page(app, *one) for one in asked[name]] for name in asked}
    return {name: statements.replay(on, heard[name], seconds) for name in heard}


def _row(name: str, found: Measured, base: Measured, sql: tuple[Load, float]) -> Row:
    sql_ms, sql_cpu_ms = sql[0].quantile_ms(0.5), sql[1]
    return found.row(
        name,
        **{
            "its SQL ms": sql_ms,
            "its SQL, CPU ms": sql_cpu_ms,
            "page / its SQL, p50": found.alone.quantile_ms(0.5) / sql_ms,
            "page / its SQL, CPU": found.cpu_ms / sql_cpu_ms,
            "CPU beyond hello ms": found.cpu_ms - base.cpu_ms,
            "hello req/s / page req/s": base.together.per_second / found.together.per_second,
        },
    )


def week_paths(doctors: int, weeks: int = 0) -> list[str]:
    """A page of each doctor; or each of so many coming weeks of each."""
    paths = [f"/doctors/{made_id('doctor', number)}" for number in range(1, doctors)]
    if not weeks:
        return paths
    today = datetime.now(UTC).date()
    days = [today + timedelta(weeks=number) for number in range(1, weeks + 1)]
    return [f"{path}?week={day:%G-W%V}" for day in days for path in paths]


def search_paths(days: int = 0) -> list[str]:
    """The first page of each specialty; or of those that find somebody, from each coming day on."""
    paths = [f"/?specialisation={slug}" for slug in SPECIALISATIONS]
    if not days:
        return paths
    coming = [datetime.now(UTC).date() + timedelta(days=number) for number in range(1, days + 1)]
    return [f"{path}&date={day}" for day in coming for path in paths[:KEPT_SEARCHES]]
