"""Every import contract is shown to hold, and to break when a line breaks it."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clinic.config import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
NAMES = {contract["id"]: contract["name"] for contract in CONTRACTS}
VERDICT = re.compile(r"^(.+?) (KEPT|BROKEN)\b", re.MULTILINE)

# contract, file, a line that must not be possible there
BREAKS = [
    ("floors", "doctors/service.py", "from clinic.patients.people import queries"),
    ("floors", "doctors/words.py", "from clinic.appointments.offer import diary"),
    ("floors", "doctors/directory/views.py", "from clinic.appointments.reading import lists"),
    ("floors", "doctors/directory/views.py", "from clinic.appointments import errors"),
    ("floors", "events/jobs.py", "from clinic import factory"),
    ("floors", "appointments/steps/take.py", "from clinic import timetable"),
    ("floors", "attic/__init__.py", '"""A room that stands on no floor."""'),
    ("ground", "core/web/assets.py", "from clinic.organisations import models"),
    ("ground", "access/roles_of.py", "from clinic.accounts import models"),
    ("inside", "appointments/booking/book.py", "from clinic.appointments.steps import take"),
    ("inside", "appointments/board/day.py", "from clinic.appointments.outside import links"),
    ("inside", "accounts/proof/keys.py", "from clinic.accounts.people import users"),
    ("inside", "messaging/words/rendering.py", "from clinic.messaging.queueing import refusals"),
    ("inside", "messaging/channels/call.py", "from clinic.messaging.words import gsm"),
    ("inside", "accounts/helpers.py", '"""A drawer without a label."""'),
    ("inside", "core/helpers.py", '"""A drawer without a label."""'),
    ("inside", "core/data/db.py", "from clinic.core.web import live"),
    ("drawers", "doctors/queries.py", "from clinic.doctors import service"),
    ("drawers", "schedules/queries.py", "from clinic.schedules import service"),
    ("drawers", "accounts/people/queries.py", "from clinic.accounts.people import forms"),
    # The three that passed while the contract said what a door may not take.
    (
        "doors",
        "doctors/directory/views.py",
        "from clinic.accounts.recovery import service as recovery",
    ),
    ("doors", "schedules/views.py", "from clinic.patients.imports import service as imports"),
    ("doors", "appointments/board/views.py", "from clinic.schedules import places"),
    ("doors", "api/doctors/doctors.py", "from clinic.accounts.people import users"),
    ("doors", "appointments/pages.py", "from clinic.events import tasks"),
    ("opened-once", "page.py", "from clinic.doctors.week import views"),
    ("opened-once", "switchboard.py", "from clinic.events import jobs"),
    ("opened-once", "switchboard.py", "from clinic.appointments.board import views"),
    ("tables", "patients/models.py", "from clinic.accounts.models import User"),
    ("no-web", "doctors/service.py", "import flask"),
    ("no-web", "messaging/words/rendering.py", "from flask_babel import gettext"),
    ("no-web", "appointments/offer/diary.py", "from flask_login import current_user"),
    ("queue", "core/web/live/hub.py", "import rq"),
    ("queue", "events/jobs.py", "from rq_scheduler import Scheduler"),
    ("providers", "appointments/steps/take.py", "import twilio.rest"),
    ("providers", "accounts/jobs.py", "import smtplib"),
    ("providers", "messaging/jobs.py", "import flask_mail"),
    ("bucket", "accounts/models.py", "import boto3"),
    ("pure", "schedules/slots.py", "import sqlalchemy"),
    ("pure", "access/roles.py", "from clinic.access import actor"),
]


# Stays open, so that import-linter is loaded once: a line in, the verdict on the folder out.
LINTER = """
import json, sys
from importlinter.application import use_cases
import importlinter.cli  # it also makes the settings ready
options = use_cases.read_user_options()
use_cases._register_contract_types(options)
answers, sys.stdout = sys.stdout, sys.stderr
for _ in sys.stdin:
    checks = use_cases.create_report(options, cache_dir=None).get_contracts_and_checks()
    print(json.dumps({one.name: check.kept for one, check in checks}), file=answers, flush=True)
"""


class Linter:
    """import-linter in a process of its own, on a copy of the product."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", LINTER],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def broken(self) -> list[str]:
        """The contracts that are broken now, by name."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("now\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        assert found.keys() == set(NAMES.values())
        return [name for name, kept in found.items() if not kept]


@pytest.fixture(scope="module")
def linter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linter]:
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copytree(ROOT / "clinic", folder / "clinic", ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("pyproject.toml", "tools/contracts.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    running = Linter(folder)
    yield running
    running.process.communicate()  # no more lines


@contextmanager
def added(file: Path, line: str) -> Iterator[None]:
    before = file.read_text() if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{before or ''}\n{line}\n")
    try:
        yield
    finally:
        if before is not None:
            file.write_text(before)
        else:
            file.unlink()
            if not any(file.parent.iterdir()):
                file.parent.rmdir()


def test_every_contract_is_kept() -> None:
    """As `make lint` runs it."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(VERDICT.findall(done.stdout))
    assert verdicts.keys() == set(NAMES.values()), done.stdout + done.stderr
    assert set(verdicts.values()) == {"KEPT"}
    assert done.returncode == 0


def test_the_copy_is_kept_too(linter: Linter) -> None:
    assert linter.broken() == []


def test_every_contract_is_broken_below() -> None:
    assert {contract for contract, _, _ in BREAKS} == NAMES.keys()


@pytest.mark.parametrize(("contract", "file", "line"), BREAKS)
def test_a_wrong_import_breaks_its_contract_and_no_other(
    linter: Linter, contract: str, file: str, line: str
) -> None:
    with added(linter.folder / "clinic" / file, line):
        assert linter.broken() == [NAMES[contract]]
