"""Back up, restore and empty the configured database. Backups hold everything: keep them safe."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import URL, make_url

from clinic.config import Settings

EMPTY = "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public"


class UpkeepFailed(click.ClickException):
    """The message is for the person who asked; the database is as it was before."""


def backup(settings: Settings) -> Path:
    """Write a consistent copy while the clinic works, and return where. Raises UpkeepFailed."""
    folder = settings.clinic_data_dir / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    ending = "db" if settings.sqlite else "dump"
    target = folder / f"clinic-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.{ending}"
    # Under another name until it is whole: half a backup must not look like one.
    unfinished = target.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    try:
        if settings.sqlite:
            _copy_sqlite(_sqlite_file(settings), unfinished)
        else:
            where = f"--dbname={_address(settings)}"
            options = ("--format=custom", "--schema=public", f"--file={unfinished}")
            _run("pg_dump", where, *options, password=_password(settings))
        return unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(settings: Settings, source: Path) -> None:
    """Make the configured database what it was. Migrate it afterwards. Raises UpkeepFailed."""
    if not source.is_file():
        raise UpkeepFailed(f"No such backup: {source}\n{_known_backups(settings)}")
    if settings.sqlite:
        _check_sqlite(source)
        settings.clinic_data_dir.mkdir(parents=True, exist_ok=True)
        _copy_sqlite(source, _sqlite_file(settings))
        return
    # As a script beside the backup, checked before the first line of it is run: piped straight in,
    # half a script would end in a commit. It replaces everything or, on an error, nothing.
    script = source.with_suffix(".unfinished")
    script.touch(mode=0o600)
    try:
        _run("pg_restore", "--no-owner", "--schema=public", f"--file={script}", str(source))
        _run_psql(settings, f"--command={EMPTY}", f"--file={script}")
    finally:
        script.unlink()


def reset(settings: Settings) -> None:
    """Throw everything away. Migrate it afterwards. Raises UpkeepFailed in production."""
    if settings.production:
        raise UpkeepFailed("ENVIRONMENT is production: the database is not emptied.")
    if settings.sqlite:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{_sqlite_file(settings)}{suffix}").unlink(missing_ok=True)
        return
    _run_psql(settings, f"--command={EMPTY}")


def _sqlite_file(settings: Settings) -> Path:
    return Path(make_url(settings.database).database or "")


def _copy_sqlite(source: Path, target: Path) -> None:
    """Page by page under SQLite's own locks, so that writers may go on."""
    if not source.exists():
        raise UpkeepFailed(f"There is no database yet: {source}")
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        try:
            old.backup(new)
        except sqlite3.Error as error:
            raise UpkeepFailed(f"{target} could not be written: {error}") from error


def _check_sqlite(source: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old:
            verdict = old.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict != "ok":
        raise UpkeepFailed(f"{source} is not a whole SQLite database: {verdict}")


def _run_psql(settings: Settings, *arguments: str) -> None:
    strict = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
    _run(
        "psql", f"--dbname={_address(settings)}", *strict, *arguments, password=_password(settings)
    )


def _run(tool: str, *arguments: str, password: str = "") -> None:
    program = shutil.which(tool)
    if program is None:
        raise UpkeepFailed(f"{tool} is missing: install PostgreSQL's client programs.")
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tools with our own words
        [program, *arguments],
        env={**os.environ, "PGPASSWORD": password, "PGOPTIONS": "-c client_min_messages=warning"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UpkeepFailed(f"{tool} failed: {done.stderr.strip()[-1000:]}")


def _password(settings: Settings) -> str:
    return make_url(settings.database).password or ""


def _address(settings: Settings) -> str:
    """For the command line, which every user of the machine can read: without the password."""
    url = make_url(settings.database)
    plain = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    return plain.render_as_string(hide_password=False)


def _known_backups(settings: Settings) -> str:
    found = sorted(path for path in (settings.clinic_data_dir / "backups").glob("clinic-*"))
    lines = "\n".join(f"  make restore FILE={path}" for path in found[-10:])
    return lines or "There are no backups yet: make backup"
