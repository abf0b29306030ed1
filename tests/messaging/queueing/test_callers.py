"""Every room that tells somebody something says whether the address is known."""

import ast

from clinic.config import ROOT


def test_no_room_leaves_it_open_whether_an_address_is_known():
    calls = [
        (path.relative_to(ROOT).as_posix(), node.lineno, {one.arg for one in node.keywords})
        for path in sorted((ROOT / "clinic").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "NewMessage"
    ]
    assert len(calls) >= 6
    assert [(path, line) for path, line, said in calls if "is_known" not in said] == []
