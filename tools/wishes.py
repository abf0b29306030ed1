"""List what has grown beyond a wish. It fails nothing: a wish is for the next person passing by.

`python tools/wishes.py`
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE, FUNCTION, ROUTE, PAGE, PARTIAL = 200, 40, 15, 150, 60  # lines
VERBS = {"get", "post", "put", "patch", "delete", "route"}


def ungranted(root: Path) -> Iterator[str]:
    """One line for each wish the tree below `root` does not grant."""
    for path in sorted((root / "clinic").rglob("*.py")):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        yield from _too_long(name, "file", len(text.splitlines()), FILE)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                kind, wish = ("route", ROUTE) if _is_route(node) else ("function", FUNCTION)
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                yield from _too_long(f"{name}:{node.lineno} {node.name}", kind, length, wish)
    for path in sorted((root / "templates").rglob("*.html")):
        kind, wish = ("partial", PARTIAL) if path.name.startswith("_") else ("page", PAGE)
        length = len(path.read_text(encoding="utf-8").splitlines())
        yield from _too_long(path.relative_to(root).as_posix(), kind, length, wish)


def _is_route(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    calls = (one.func for one in function.decorator_list if isinstance(one, ast.Call))
    return any(isinstance(call, ast.Attribute) and call.attr in VERBS for call in calls)


def _too_long(what: str, kind: str, length: int, wish: int) -> Iterator[str]:
    if length > wish:
        yield f"{what}: {kind} of {length} lines, wished {wish}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in ungranted(ROOT))
