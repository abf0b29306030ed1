"""Small files, small functions, and a reason beside every exception."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from clinic.config import ROOT
from tests.architecture.tree import name_of, python_files, syntax_of
from tools import figures, wishes

LONGEST_FILE, LONGEST_TEST, MOST_COMPLEX = 300, 400, 10
MOST_FILES, MOST_INSIDE = 12, 8  # of a folder; of an inner room
MOST_ANY = 10
NOQA = re.compile(r"#\s*noqa\b(?P<rest>.*)", re.IGNORECASE)
REASONED = re.compile(r": [A-Z]+\d+(, ?[A-Z]+\d+)* - \S.+")
TYPE_IGNORE = re.compile(r"#\s*type:\s*ignore(?!\[[a-z-]+(, ?[a-z-]+)*\])")
UNTESTED = re.compile(r"pytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b|unittest\.skip")
PLACEHOLDER = re.compile(
    r"#.*\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"
)  # in pieces: this file is read, too
FOUR_DIGITS = re.compile(r"\d{4}_[a-z0-9_]+\.py")


def offenders(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{name_of(path)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def test_files_are_short() -> None:
    def limit(path: Path) -> int:
        return LONGEST_TEST if name_of(path).startswith("tests/") else LONGEST_FILE

    lengths = {path: len(path.read_text().splitlines()) for path in python_files()}
    assert {name_of(path): n for path, n in lengths.items() if n > limit(path)} == {}


def test_folders_are_small() -> None:
    """A room of more files has inner rooms, each named for a use case."""
    counted = Counter(name_of(path.parent) for path in python_files("clinic"))
    crowded = {
        folder: many
        for folder, many in counted.items()
        if many > (MOST_INSIDE if folder.count("/") > 1 else MOST_FILES)
    }
    assert crowded == {}


def test_functions_say_what_they_return() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("clinic")
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.FunctionDef) and figures.returns_any(node)
    ]
    assert len(found) <= MOST_ANY, found


def test_a_door_needs_no_line_in_the_linters_section() -> None:
    assert figures.edits_for_a_door(ROOT) == 0
    section = (ROOT / "pyproject.toml").read_text().partition("[tool.importlinter]")[2]
    assert len(section.splitlines()) <= 120


def test_the_figures_are_printed() -> None:
    said = [line.partition(":")[0] for line in figures.lines(ROOT)]
    assert said == [
        "files",
        "functions",
        "files a folder",
        "functions that return Any",
        "sentences not extracted",
        "roles compared outside access",
        "edits of pyproject.toml a new door needs",
    ]


def test_complexity_is_bounded() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "C90" in lint["select"]
    assert lint["mccabe"]["max-complexity"] <= MOST_COMPLEX


def test_every_noqa_names_its_rule_and_its_reason() -> None:
    found = [
        f"{name_of(path)}: {line.strip()}"
        for path in python_files()
        if path != Path(__file__)
        for line in path.read_text().splitlines()
        if (noqa := NOQA.search(line)) and not REASONED.match(noqa["rest"])
    ]
    assert found == []


def test_every_ignored_type_names_its_rule() -> None:
    assert offenders(TYPE_IGNORE, python_files()) == []


def test_every_rule_switched_off_for_files_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    for table in ("ignore = [\n", "[tool.ruff.lint.per-file-ignores]\n"):
        body = text.partition(table)[2].partition("\n\n")[0]
        lines = [line for line in body.splitlines() if re.search(r'"[A-Z]+\d*"', line)]
        assert lines
        assert [line for line in lines if "#" not in line] == []


@pytest.mark.parametrize("pattern", [UNTESTED, PLACEHOLDER], ids=["skipped", "to do"])
def test_nothing_is_left_for_later(pattern: re.Pattern[str]) -> None:
    assert offenders(pattern, python_files()) == []


def test_migrations_are_numbered() -> None:
    names = sorted(path.name for path in (ROOT / "migrations/versions").glob("*.py"))
    assert names
    assert [name for name in names if not FOUR_DIGITS.fullmatch(name)] == []
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]


def test_wishes_are_listed(tmp_path: Path) -> None:
    room, pages = tmp_path / "clinic/room", tmp_path / "templates/room"
    room.mkdir(parents=True)
    pages.mkdir(parents=True)
    body = "    pass\n"
    (room / "views.py").write_text("@bp.get('/')\ndef show():\n" + body * wishes.ROUTE)
    (room / "service.py").write_text("def book():\n" + body * wishes.FUNCTION)
    (room / "models.py").write_text("\n" * (wishes.FILE + 1))
    (room / "short.py").write_text("def go():\n" + body)
    (pages / "page.html").write_text("\n" * (wishes.PAGE + 1))
    (pages / "_part.html").write_text("\n" * (wishes.PARTIAL + 1))
    assert [line.rpartition(": ")[2] for line in wishes.ungranted(tmp_path)] == [
        "file of 201 lines, wished 200",
        "function of 41 lines, wished 40",
        "route of 16 lines, wished 15",
        "partial of 61 lines, wished 60",
        "page of 151 lines, wished 150",
    ]
