"""`python -m bench [--quick] [--only PART]`: every figure beside its base, in one run."""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from bench import goals, peer, report, rows, stage, standing
from bench.parts import PARTS, Run
from bench.report import Section
from bench.rows import Size
from bench.stage import DurablePostgres, Stage
from clinic.config import ROOT
from tests.servers import Redis

RESULTS = Path(__file__).with_name("results.json")
SIZES = {True: (Size(100), Size(1_000)), False: (Size(1_000), Size(10_000))}
START = "start"
GROWS = ("pages", "api", "messages")  # with the rows: both sizes are measured


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, to try it")
    parser.add_argument(
        "--only", choices=(*PARTS, START), action="append", help="one part (or more) of all"
    )
    wanted = parser.parse_args()
    parts = wanted.only or [*PARTS, START]
    about = report.machine() | {"load before": os.getloadavg()[0], "quick": wanted.quick}
    began, has_peer = time.monotonic(), _has_peer()
    sections: list[Section] = []
    failed: list[str] = []
    with stage.private_folder() as name, Redis() as redis, DurablePostgres() as postgres:
        for size in _sizes(wanted.quick, parts):
            is_smallest = size == SIZES[wanted.quick][0]
            on = Stage(
                Path(name), postgres.create_database(f"clinic{size.doctors}"), redis, postgres
            )
            _say(f"{size.doctors:,} doctors and {size.visits:,} visits: writing them")
            run = Run(on, _filled(on, size), size, is_smallest, wanted.quick, has_peer)
            postgres.harden()
            for part in parts:
                if part in PARTS:
                    _measure(part, PARTS[part](run), sections, failed)
        if START in parts:
            _measure(START, _starts(Path(name)), sections, failed)
    _judge(sections)
    about |= {"load after": os.getloadavg()[0], "minutes": (time.monotonic() - began) / 60}
    report.save(RESULTS, sections, about)
    _say(f"\nload {about['load before']:.1f} before, {about['load after']:.1f} after")
    _say(f"{about['minutes']:.1f} minutes; kept in {RESULTS.relative_to(ROOT)}")
    if failed:
        sys.exit(f"Not measured: {', '.join(failed)}")


def _has_peer() -> bool:
    try:
        peer.install()
    except peer.NoPeer as error:
        _say(f"No figures beside the bare FastAPI service: {error}")
        return False
    return True


def _sizes(is_quick: bool, parts: list[str]) -> tuple[Size, ...]:
    if not any(part in PARTS for part in parts):
        return ()
    both = SIZES[is_quick]
    return both if any(part in GROWS for part in parts) else both[:1]


def _filled(on: Stage, size: Size) -> Flask:
    from clinic.factory import create_app

    app = create_app(on.settings_here())
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    rows.fill(on.database, size)
    return app


def _measure(
    part: str, found: Iterator[Section], sections: list[Section], failed: list[str]
) -> None:
    """A part that breaks is told, and does not take the figures of the others with it."""
    try:
        for section in found:
            sections.append(_shown(section))
    except Exception:
        traceback.print_exc()
        failed.append(part)


def _starts(folder: Path) -> Iterator[Section]:
    yield Section("Start", standing.starts(folder))


def _judge(sections: list[Section]) -> None:
    verdicts = goals.judged(sections)
    if verdicts.rows:
        _say("\n" + "\n".join(goals.lines(verdicts)))
        sections.append(verdicts)


def _shown(section: Section) -> Section:
    _say("\n" + "\n".join(section.lines()))
    return section


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
