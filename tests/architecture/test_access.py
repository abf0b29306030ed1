"""Who may do what has a named set, who may see what a table; nobody compares roles by hand."""

import ast
from pathlib import Path

import pytest

from clinic.access import roles
from clinic.config import ROOT
from tests.architecture.tree import name_of, python_files, syntax_of
from tools.roles import comparisons

SETS = {
    name for name, value in vars(roles).items() if name.isupper() and value.__class__ is frozenset
}
FOUND = [  # in a file of a room
    "if actor.role == Role.PATIENT: ...",
    "is_theirs = Role.DOCTOR != current_user.role",
    "at_desk = user.role in AT_DESK",
    "at_desk = user.role not in ('staff', 'admin')",
    "if Role.PATIENT in (user.role, role): ...",
    "by is By.DOCTOR",
    "works = 'doctor' == what",
    "sa.select(User).where(User.role == Role.DOCTOR)",
    "same = (found.id, found.role) == (self.id, self.role)",
]
FREE = [
    "actor.may(BOOK)",
    "VISIBLE = Visible('visit', {Role.STAFF: lambda actor: actor.role == Role.STAFF})",
    "User.role == asked.role",
    "Message.audience == 'patient'",
    "by in rule.by",
    "roles_of = {Role.PATIENT: 'by_patient'}",
]


def tables() -> list[tuple[Path, str, str]]:
    """File, name and kind of every table of who may see what."""
    return [
        (path, ast.unparse(node.targets[0]), ast.literal_eval(node.value.args[0]))
        for path in python_files("clinic")
        for node in syntax_of(path).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "Visible"
    ]


def test_nobody_compares_roles_by_hand() -> None:
    assert list(comparisons(ROOT)) == []


@pytest.mark.parametrize(
    ("line", "is_found"), [*((one, True) for one in FOUND), *((one, False) for one in FREE)]
)
def test_a_comparison_is_found_however_it_is_written(
    tmp_path: Path, line: str, is_found: bool
) -> None:
    (tmp_path / "clinic/access").mkdir(parents=True)
    (tmp_path / "clinic/room.py").write_text(f"{line}\n")
    (tmp_path / "clinic/access/actor.py").write_text(f"{line}\n")
    assert [place.partition(" ")[0] for place in comparisons(tmp_path)] == (
        ["clinic/room.py:1"] if is_found else []
    )


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ('{% if current_user.role == "patient" %}', True),
        ('{% if "patient" == current_user.role %}', True),
        ('{% if role not in ("staff", "admin") %}', True),
        ("{% if current_user.is_patient %}", False),
        ('<ul role="list">{{ words[account.role] }}</ul>', False),
    ],
)
def test_a_comparison_is_found_in_a_template(tmp_path: Path, line: str, is_found: bool) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/page.html").write_text(f"{line}\n")
    assert bool(list(comparisons(tmp_path))) is is_found


def test_every_table_of_who_may_see_what_is_asked() -> None:
    """As a name in its own file, or from another file by import."""
    assert len(tables()) >= 15
    loaded = {
        (path, node.id)
        for path in python_files("clinic")
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    elsewhere = {
        (node.value.id, node.attr)
        for path in python_files("clinic")
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    unasked = [
        f"{name_of(path)} {name}"
        for path, name, _ in tables()
        if (path, name) not in loaded and (path.stem, name) not in elsewhere
    ]
    assert unasked == []


def test_no_two_tables_say_the_same_kind() -> None:
    kinds = [kind for _, _, kind in tables()]
    assert sorted(kinds) == sorted(set(kinds))


def test_an_endpoint_names_one_role_or_one_set() -> None:
    declared = {
        f"{name_of(path)}:{node.lineno}": [ast.unparse(one) for one in node.args]
        for path in python_files("clinic")
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "access"
    }
    assert len(declared) > 60
    fine = {*(f"*{name}" for name in SETS), *(f"Role.{role.name}" for role in roles.Role)}
    assert {
        place: args for place, args in declared.items() if not {*args} <= fine or len(args) > 1
    } == {}


def test_roles_are_put_together_in_one_place_only() -> None:
    """A tuple, list or set of roles is a set without a name, except as the keys of a table."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("clinic")
        if path.parent.name != "access"
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Tuple | ast.List | ast.Set)
        and len(node.elts) > 1
        and all(ast.unparse(one).startswith("Role.") for one in node.elts)
    ]
    assert found == []


def test_nobody_acts_in_another_role() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("clinic")
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "replace"
        and any(one.arg == "role" for one in node.keywords)
    ]
    assert found == []
