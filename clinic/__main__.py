"""`python -m clinic`: the web process, configured by SERVER_* and PORT.

With `worker` or `scheduler` that process. The `flask` command starts them too, but it loads alembic
into whatever it starts, and the whole product into a scheduler that needs Redis alone.
"""

import os
import subprocess
import sys
from argparse import ArgumentParser

from clinic.config import ROOT, WrongSetting, load_settings


def serve() -> None:
    """Become gunicorn with this product's own configuration."""
    os.chdir(ROOT)
    _make_the_superadmin()
    os.execv(  # noqa: S606 - our own interpreter and fixed words
        sys.executable,
        [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"],
    )


def _make_the_superadmin() -> None:
    """In a process of its own, whose memory goes with it. Exits where its password is refused."""
    from clinic.stack import preparing

    try:
        settings = load_settings()
    except WrongSetting as error:
        sys.exit(str(error))
    if preparing.lacks_superadmin(settings):
        made = subprocess.run([sys.executable, "-m", "clinic", "superadmin"], check=False)
        if made.returncode:
            sys.exit(made.returncode)


def work(options: list[str]) -> None:
    """`flask worker`, with the same options."""
    from clinic import cli
    from clinic.factory import create_app

    app = create_app(has_doors=False)
    with app.app_context():
        cli.worker.main(options, prog_name="python -m clinic worker")


def up(options: list[str]) -> None:
    """`flask up`, in a process that holds nothing of the product."""
    about = "Start everything in one terminal: Redis, web, worker and scheduler."
    ArgumentParser(prog="python -m clinic up", description=about).parse_args(options)

    from clinic import stack

    try:
        sys.exit(stack.up(load_settings()))
    except stack.CannotStart as error:
        error.show()
        sys.exit(error.exit_code)


def prepare(_options: list[str]) -> None:
    """What `up` asks of a process of its own: the database, and the demo clinic."""
    from clinic import cli
    from clinic.factory import create_app

    app = create_app(has_doors=False)
    with app.app_context():
        cli.prepare.main([], prog_name="python -m clinic prepare")


def make_superadmin(_options: list[str]) -> None:
    from clinic import cli
    from clinic.factory import create_app

    app = create_app(has_doors=False)
    with app.app_context():
        cli.superadmin.main([], prog_name="python -m clinic superadmin")


def tick(options: list[str]) -> None:
    """`flask scheduler`, without an app."""
    about = "Hand the worker its ticks, by the timetable."
    ArgumentParser(prog="python -m clinic scheduler", description=about).parse_args(options)

    from clinic.config import unread
    from clinic.core.watch import lines
    from clinic.core.work import ticking
    from clinic.timetable import TICKS

    settings = load_settings()
    lines.configure_by(settings)
    unread.tell()
    ticking.tick(settings, TICKS)


PROCESSES = {"up": up, "worker": work, "scheduler": tick}
HIDDEN = {"prepare": prepare, "superadmin": make_superadmin}


def main(words: list[str]) -> None:
    os.umask(0o077)  # database, logs and credentials are their owner's alone
    if not words:
        serve()
        return
    start = (PROCESSES | HIDDEN).get(words[0])
    if start is None:
        sys.exit(f"say nothing for the web process, or one of {', '.join(PROCESSES)}")
    try:
        start(words[1:])
    except WrongSetting as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
