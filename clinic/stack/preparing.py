"""The database before anybody opens it: migrated, and with the demo clinic if there is to be one.

Whether there is something to do is asked with one cheap look. What there is to do is done by a
process of its own, whose memory (migrations, the whole product) goes with it.
"""

import gc
import os
import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

from clinic.config import ROOT, Settings
from clinic.stack import children
from clinic.stack.announcing import shows_demo
from clinic.stack.parts import environment

COMMAND = (sys.executable, "-m", "clinic", "prepare")


def prepare_database(settings: Settings) -> int:
    """Returns 0, or the exit code of the process that could not do it and has said why."""
    _keep_to_its_owner(settings.clinic_data_dir)
    if is_prepared(settings):
        return 0
    preparing = children.start(COMMAND, environment())
    try:
        return preparing.wait()
    finally:
        children.end([preparing])


def _keep_to_its_owner(folder: Path) -> None:
    """The database lies in it. A folder of an earlier version was open to the whole machine."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(0o700)


def is_prepared(settings: Settings) -> bool:
    """Without SQLAlchemy and alembic, which take longer to load than this takes to tell."""
    looked = _look(settings)
    if looked is None:
        return False
    version, has_organisations, has_superadmin = looked
    has_people = has_superadmin and (has_organisations or not shows_demo(settings))
    return version == newest_revision() and has_people


def lacks_superadmin(settings: Settings) -> bool:
    """SUPERADMIN_* name one, and the database has tables but not this account."""
    looked = _look(settings) if names_a_superadmin(settings) else None
    return looked is not None and not looked[2]


def newest_revision() -> str:
    """The files of migrations/versions begin with the revision they lead to."""
    names = [path.name for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py")]
    return max(names)[:4]


def _look(settings: Settings) -> tuple[str, bool, bool] | None:
    """The revision, whether there is an organisation, and the superadmin that SUPERADMIN_* name
    (or none is named); None without tables.
    """
    faults, connection = _connected(settings)
    if connection is None:
        return None
    try:
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        found = connection.execute("SELECT 1 FROM organisations LIMIT 1").fetchone()
        has_superadmin = not names_a_superadmin(settings) or _knows(connection, settings)
    except faults:
        return None
    finally:
        connection.close()
    return (version[0], found is not None, has_superadmin) if version else None


def names_a_superadmin(settings: Settings) -> bool:
    return bool(settings.superadmin_email and settings.superadmin_password)


def _knows(connection: Any, settings: Settings) -> bool:
    """Perhaps not in the way it is kept: then the slow process looks once more, by the rules."""
    mark = "?" if settings.sqlite else "%s"
    asked = f"SELECT 1 FROM users WHERE lower(email) = {mark}"  # noqa: S608 - our own mark
    return bool(connection.execute(asked, (settings.superadmin_email.lower(),)).fetchone())


def _connected(settings: Settings) -> tuple[type[Exception], Any]:
    """The driver's errors, and a connection; none if there is no database yet, or none answers."""
    if settings.sqlite:
        path = settings.database.partition(":///")[2]
        try:
            return sqlite3.Error, sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        except sqlite3.Error:
            return sqlite3.Error, None
    import psycopg  # few have it here: it costs a tenth of a second

    url = re.sub(r"^postgresql\+psycopg", "postgresql", settings.database)
    try:
        return psycopg.Error, psycopg.connect(url, connect_timeout=5)
    except psycopg.Error:
        return psycopg.Error, None


def prepare() -> None:
    """In the process of its own, in an app context."""
    from flask_migrate import upgrade

    # It ends with its work: what the collector would free, a fifth of the time goes to finding.
    gc.disable()
    upgrade(directory=str(ROOT / "migrations"))
    from clinic.core import running

    if shows_demo(running.settings()):
        from clinic.demo import seed_if_empty

        seed_if_empty()
