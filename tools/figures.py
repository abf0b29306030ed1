"""The house in figures: how long files and functions are, how full its folders, what is left.

`python tools/figures.py` prints them; `make lint` does so, too. Limits that fail are tests
(tests/architecture); these lines are for whoever passes by.
"""

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import roles, sentences  # noqa: E402 - runs as a script, from anywhere

DOOR = "views.py"


def lines(root: Path) -> Iterator[str]:
    """One line for each figure of the product below `root`."""
    files = sorted((root / "clinic").rglob("*.py"))
    trees = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in files]
    functions = [one for _, tree in trees for one in _functions(tree)]
    yield _spread("files", [len(path.read_text(encoding="utf-8").splitlines()) for path in files])
    yield _spread("functions", [_length(one) for one in functions])
    folders = Counter(path.parent.relative_to(root).as_posix() for path in files)
    fullest = ", ".join(f"{name} {many}" for name, many in folders.most_common(3))
    yield f"files a folder: at most {max(folders.values())} ({fullest})"
    yield f"functions that return Any: {sum(returns_any(one) for one in functions)}"
    yield f"sentences not extracted: {sum(1 for _ in sentences.unmarked(root))}"
    yield f"roles compared outside access: {len(list(roles.comparisons(root)))}"
    yield f"edits of pyproject.toml a new door needs: {edits_for_a_door(root)}"


def returns_any(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return isinstance(function.returns, ast.Name) and function.returns.id == "Any"


def edits_for_a_door(root: Path) -> int:
    """How many entries of the linter's section name one door: a new one would need its own."""
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    section = settings["tool"]["importlinter"]
    doors = {
        path.relative_to(root).with_suffix("").as_posix().replace("/", ".")
        for path in (root / "clinic").rglob(DOOR)
    }
    return sum(door in words for door in doors for words in _words(section["contracts"]))


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _words(one)
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _spread(what: str, lengths: list[int]) -> str:
    ordered = sorted(lengths)
    half, most = ordered[len(ordered) // 2], ordered[len(ordered) * 9 // 10]
    return f"{what}: {len(ordered)}, lines p50 {half}, p90 {most}, max {ordered[-1]}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines(ROOT))
