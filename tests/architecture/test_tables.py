"""Any room may read another room's tables; only the room that has a table writes it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import name_of, python_files, syntax_of

WRITES = frozenset({"insert", "update", "delete", "insert_new", "hand_over"})


def room_of(path: Path) -> str:
    return name_of(path).split("/")[1]


def models() -> dict[str, str]:
    """Each mapped class with the room that has it."""
    return {
        node.name: room_of(path)
        for path in python_files("clinic")
        for node in syntax_of(path).body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Base" for base in node.bases)
    }


def imported_models(tree: ast.Module, known: dict[str, str]) -> set[str]:
    """Those that the file means by their names: a class of its own may be called the same."""
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("clinic.")
        for alias in node.names
        if alias.name in known
    }


def written(tree: ast.Module, names: set[str]) -> Iterator[tuple[int, str]]:
    """Line and name of each model that is made, or that a statement inserts, updates, deletes."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if called in names:
            yield node.lineno, called
        if called in WRITES and node.args:
            words = {one.id for one in ast.walk(node.args[0]) if isinstance(one, ast.Name)}
            yield from ((node.lineno, name) for name in words & names)


def offences(tree: ast.Module, room: str, known: dict[str, str]) -> list[tuple[int, str]]:
    theirs = {name for name in imported_models(tree, known) if known[name] != room}
    return sorted(written(tree, theirs))


def test_tables_are_read_by_their_models() -> None:
    """A copy of some column names goes out of date in silence."""
    by_name = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("clinic")
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("sa.table", "table")
    ]
    assert by_name == []


def test_a_room_writes_its_own_tables_alone() -> None:
    known = models()
    assert len(known) > 20
    found = {
        name_of(path): offences(syntax_of(path), room_of(path), known)
        for path in python_files("clinic")
        if path.parent.name != "clinic"
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "db.session.add(User(role='patient'))",
        "db.session.execute(sa.update(User).where(User.id == key).values(role='admin'))",
        "db.session.execute(sa.insert(User), rows)",
        "db.session.execute(insert_new(User.metadata.tables[User.__tablename__]), rows)",
        "db.session.execute(sa.delete(User))",
        "writing.hand_over(User, row)",
    ],
)
def test_a_write_across_rooms_is_found(line: str) -> None:
    tree = ast.parse(f"from clinic.accounts.models import User\n{line}")
    assert {name for _, name in offences(tree, "patients", {"User": "accounts"})} == {"User"}
    assert offences(tree, "accounts", {"User": "accounts"}) == []


def test_no_table_is_named_by_a_string() -> None:
    named = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("clinic")
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "sa.table"
    ]
    assert named == []
