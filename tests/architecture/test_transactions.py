"""One place commits; whoever ends a read by hand is known; a refused row needs a savepoint."""

import ast
from pathlib import Path

from clinic.config import ROOT
from tests.architecture.tree import lines_with, name_of, python_files, syntax_of

COMMITS = ("clinic/core/data/db.py", "clinic/core/data/trips/pipeline.py")

# file: how often it ends a transaction by hand, each time to let a connection go
ROLLS_BACK = {
    "clinic/core/data/db.py": 3,  # the transaction pattern itself
    "clinic/core/web/problems.py": 2,  # a failed statement would fail those of the error page too
    "clinic/core/watch/views.py": 1,  # /ready, when the database does not answer
    "clinic/accounts/recovery/service.py": 2,  # before bcrypt
    "clinic/accounts/proof/checks.py": 1,  # before asking again
    "clinic/accounts/own/photo.py": 1,  # before storage
    "clinic/accounts/opening/service.py": 1,  # before bcrypt
    "clinic/accounts/signin/service.py": 1,  # before bcrypt
    "clinic/accounts/people/newcomers.py": 1,  # before bcrypt
    "clinic/patients/signup/service.py": 1,  # before bcrypt
    "clinic/events/deliveries.py": 1,  # after the list of due rows, before each is handled alone
    "clinic/events/tasks.py": 1,
    "clinic/hooks/sending/calls.py": 1,  # after the list of webhooks, before they are called
    "clinic/hooks/sending/collect.py": 2,  # after each list, before the next transaction
    "clinic/messaging/desk/many/export.py": 1,  # between pages, while a slow reader reads
    "clinic/messaging/jobs.py": 1,  # after the list of uncertain ones, before the provider is asked
    "clinic/reminders/telling/due.py": 1,  # after the list of due plans, before they are queued
    "clinic/doctor.py": 2,  # a database that does not answer is a finding
    "clinic/demo/check.py": 1,  # reads anew what was just written
}


def test_only_the_pattern_commits() -> None:
    found = [line for path in python_files("clinic") for line in lines_with(".commit(", path)]
    assert found
    assert [line for line in found if line.split(":")[0] not in COMMITS] == []


def test_rollbacks_stand_where_they_are_expected() -> None:
    found = {
        name_of(path): len(lines_with("session.rollback", path)) for path in python_files("clinic")
    }
    assert {name: times for name, times in found.items() if times} == ROLLS_BACK


def _catches_integrity_error(node: ast.Try) -> bool:
    caught = [
        ast.unparse(handler.type)
        for handler in node.handlers
        if handler.type and ast.unparse(handler.body[-1]) != "raise"
    ]
    return any("IntegrityError" in text for text in caught)


def _without_savepoint(path: Path) -> list[str]:
    return [
        f"{name_of(path)}:{node.lineno}"
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Try)
        and _catches_integrity_error(node)
        and not any("begin_nested()" in ast.unparse(step) for step in node.body)
    ]


def test_a_refused_row_is_caught_inside_a_savepoint() -> None:
    """Without one, PostgreSQL refuses everything that follows in the transaction."""
    assert [place for path in python_files("clinic") for place in _without_savepoint(path)] == []
    source = (ROOT / "clinic/accounts/people/create.py").read_text()
    assert "IntegrityError" in source  # there is something to look at
