"""`python -m bench [--quick] [--only PART]`: every figure beside its base, in one run."""

import argparse
import os
from contextlib import ExitStack
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from bench import (
    api,
    booking,
    messages,
    planning,
    reading,
    report,
    rows,
    stage,
    standing,
    sweeping,
)
from bench.people import Visitor, sign_in
from bench.report import Section
from bench.rows import Size
from bench.stage import DurablePostgres, Process, Stage
from clinic.config import ROOT
from tests.servers import Redis

RESULTS = Path(__file__).with_name("results.json")
SIZES = {True: (Size(100), Size(1_000)), False: (Size(1_000), Size(10_000))}
SECONDS = {True: 2.0, False: 10.0}
BOOKINGS = {True: 40, False: 320}
MESSAGES = {True: 300, False: 10_000}
PARTS = ("pages", "api", "messages", "start")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, to try it")
    parser.add_argument("--only", choices=PARTS, help="one part instead of all")
    wanted = parser.parse_args()
    quick, parts = wanted.quick, {wanted.only} if wanted.only else set(PARTS)
    about = report.machine() | {"load before": os.getloadavg()[0], "quick": quick}
    sections = []
    with stage.private_folder() as name, Redis() as redis, DurablePostgres() as postgres:
        folder = Path(name)
        for size in SIZES[quick] if parts != {"start"} else ():
            postgres.create_database(f"clinic{size.doctors}")
            _say(f"{size.doctors:,} doctors and {size.visits:,} visits: writing them")
            rows_stage = Stage(folder, postgres.url(f"clinic{size.doctors}"), redis)
            app = _filled(rows_stage, size)
            postgres.harden()
            smallest = size == SIZES[quick][0]
            if "pages" in parts:
                sections += _measure_pages(rows_stage, app, size, smallest, quick)
            if "api" in parts:
                sections += _measure_api(rows_stage, app, size, smallest, quick)
            if "messages" in parts:
                sections += _measure_messages(rows_stage, app, size, smallest, quick)
        if "start" in parts:
            sections.append(_shown(Section("Start", standing.starts(folder))))
    about["load after"] = os.getloadavg()[0]
    report.save(RESULTS, sections, about)
    _say(f"\nload {about['load before']:.1f} before, {about['load after']:.1f} after")
    _say(f"kept in {RESULTS.relative_to(ROOT)}")


def _filled(on: Stage, size: Size) -> Flask:
    from clinic.factory import create_app

    app = create_app(on.settings_here())
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    rows.fill(on.database, size)
    return app


def _measure_pages(on: Stage, app: Flask, size: Size, smallest: bool, quick: bool) -> list[Section]:
    visitors = sign_in(app, on.database)
    with ExitStack() as open_now:
        hello = open_now.enter_context(stage.bare("hello", on.log))
        base = reading.measure(hello, [stage.HELLO_REQUEST] * 64, SECONDS[quick])
        web = open_now.enter_context(on.web())
        pages = [
            reading.hello_row(base),
            reading.week(web, app, visitors, base, size.doctors, SECONDS[quick]),
            reading.search(web, app, base, SECONDS[quick]),
        ]
        title = f"Pages, {size.doctors:,} doctors, {size.visits:,} visits"
        sections = [_shown(Section(title, pages))]
        if smallest:
            sections += _measure_processes(on, app, hello, web, visitors, BOOKINGS[quick])
    return sections


def _measure_processes(
    on: Stage, app: Flask, hello: Process, web: Process, visitors: list[Visitor], many: int
) -> list[Section]:
    with on.jobs("worker") as worker, on.jobs("scheduler") as scheduler:
        booked = booking.measure(web, app, visitors, many)
        memory = [standing.memory(hello, web, worker, scheduler)]
    return [_shown(Section("Booking", booked)), _shown(Section("Memory", memory))]


def _measure_api(on: Stage, app: Flask, size: Size, smallest: bool, quick: bool) -> list[Section]:
    seconds, about = SECONDS[quick], f"{size.doctors:,} doctors, {size.visits:,} visits"
    sections = [_shown(Section(f"API, {about}", api.reads(on, app, size.doctors, seconds)))]
    if smallest:
        sections.append(_shown(Section("API, its parts", api.costs(on, app, seconds))))
        sections.append(_shown(Section("API, bodies", api.bodies(app))))
        booked = api.bookings(on, app, BOOKINGS[quick])
        sections.append(_shown(Section("API, booking", booked)))
    return sections


def _measure_messages(
    on: Stage, app: Flask, size: Size, smallest: bool, quick: bool
) -> list[Section]:
    sections = []
    if smallest:
        planned = planning.measure(on, app, MESSAGES[quick])
        sections.append(_shown(Section("Reminders", planned)))
        sent = messages.measure(on, app, MESSAGES[quick])
        sections.append(_shown(Section("Messages", sent)))
    swept = sweeping.measure(on, app)
    return [*sections, _shown(Section(f"Sweep, {size.visits:,} visits", swept))]


def _shown(section: Section) -> Section:
    _say("\n" + "\n".join(section.lines()))
    return section


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
