"""What a process loads: each pays for what it uses, and there are several of a kind."""

import os
import subprocess
import sys

import pytest

from clinic.config import ROOT

LOADED = "import sys; print(sorted({name.partition('.')[0] for name in sys.modules}))"
WEB = "from clinic.factory import create_app; create_app()"
WORKER = """
import contextlib, io, runpy, sys
sys.argv = ["clinic", "worker", "--help"]
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as told:
    runpy.run_module("clinic", run_name="__main__")
assert "python -m clinic worker" in told.getvalue()
"""
SCHEDULER = """
import runpy, sys
sys.argv = ["clinic", "scheduler"]
try:
    runpy.run_module("clinic", run_name="__main__")
except SystemExit as ended:  # with all that it needs in memory
    assert "REDIS_URL is not set" in str(ended)
"""

UP = """
from clinic.config import load_settings
from clinic.stack import preparing
assert not preparing.is_prepared(load_settings())
"""


@pytest.fixture
def loaded_by(tmp_path):
    """The libraries in memory after a program has run in a process of its own."""

    def run(program):
        settings = {"ENVIRONMENT": "testing", "CLINIC_DATA_DIR": str(tmp_path), "REDIS_URL": ""}
        command = [sys.executable, "-c", f"{program}\n{LOADED}"]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_a_setting_or_a_role_costs_no_web_server_and_no_database(loaded_by):
    loaded = loaded_by("import clinic, clinic.config, clinic.access.roles")
    assert "'pydantic'" in loaded
    for library in ("flask", "sqlalchemy", "werkzeug", "redis"):
        assert f"'{library}'" not in loaded


@pytest.mark.parametrize("program", [WEB, WORKER], ids=["web", "worker"])
def test_neither_pages_nor_jobs_load_migrations_or_a_provider(loaded_by, program):
    loaded = loaded_by(program)
    assert "'sqlalchemy'" in loaded
    for library in ("alembic", "flask_migrate", "twilio", "requests", "boto3", "PIL", "icalendar"):
        assert f"'{library}'" not in loaded


def test_the_scheduler_has_redis_and_nothing_else(loaded_by):
    loaded = loaded_by(SCHEDULER)
    for library in ("redis", "rq_scheduler", "structlog"):
        assert f"'{library}'" in loaded
    for library in ("flask", "werkzeug", "jinja2", "babel", "sqlalchemy", "psycopg", "sqlite3"):
        assert f"'{library}'" not in loaded


def test_the_parent_of_all_processes_holds_nothing_of_the_product(loaded_by):
    """It lives as long as they do, and looks at the database before anything is loaded."""
    loaded = loaded_by(UP)
    for library in ("flask", "werkzeug", "sqlalchemy", "alembic", "redis", "structlog"):
        assert f"'{library}'" not in loaded


def test_an_unknown_word_is_told_what_can_be_said():
    command = [sys.executable, "-m", "clinic", "waiter"]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "worker, scheduler" in refused.stderr
