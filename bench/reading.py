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
from bench.stage import Stage
from clinic.doctors.vocabulary import SPECIALISATIONS

REPLAYED = 17  # pages whose SQL is sent again
MOST_DOCTORS = 200
WEEKS, DAYS = 7, 40
KEPT_SEARCHES = 17  # those that find somebody


def pages(
    on: Stage,
    app: Flask,
    web: Process,
    visitors: Sequence[Visitor],
    base: Measured,
    doctors: int,
    seconds: float,
) -> list[Row]:
    """Each page asked again and again, and each time another one."""
    who = itertools.cycle(visitors[:50])
    weeks = [request(path, next(who).cookie) for path in week_paths(doctors)]
    others = [request(path, next(who).cookie) for path in week_paths(doctors, WEEKS)]
    few = [request(path) for path in search_paths()[:KEPT_SEARCHES]]
    many = [request(path) for path in search_paths(DAYS)]
    rng = random.Random(1)
    rng.shuffle(others)
    rng.shuffle(many)
    warm_weeks, warm_searches = weeks[:8] * 4, few[:8] * 4
    kept = {
        "Week": measuring.kept(on, web, weeks[:MOST_DOCTORS], seconds),
        "Search": measuring.kept(on, web, few, seconds),
    }
    rendered = {
        "Week": measuring.once_each(on, web, others, warm_weeks, seconds),
        "Search": measuring.once_each(on, web, many, warm_searches, seconds),
    }
    week_sql = [
        statements.of_page(app, path, visitors[0].cookie) for path in week_paths(doctors)[:REPLAYED]
    ]
    search_sql = [statements.of_page(app, path) for path in search_paths()[:KEPT_SEARCHES]]
    sql = {
        "Week": statements.replay(on, week_sql, seconds / 2),
        "Search": statements.replay(on, search_sql, seconds / 2),
    }
    return [
        base.row("Flask hello"),
        *(_row(f"{name}, kept", kept[name], base, sql[name]) for name in kept),
        *(_row(f"{name}, rendered", rendered[name], base, sql[name]) for name in rendered),
    ]


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
