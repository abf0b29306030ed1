"""The product's own files, as text and as syntax."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog

from clinic.config import ROOT
from tools import messages

FOLDERS = ("clinic", "tests", "tools", "migrations", "bench")
TEMPLATES = ROOT / "templates"


def python_files(*folders: str) -> list[Path]:
    """Those of the folders, or all of the project's own."""
    found = [path for folder in folders or FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return sorted(found if folders else [*found, *ROOT.glob("*.py")])


def templates(pattern: str = "*.html") -> list[Path]:
    return sorted(TEMPLATES.rglob(pattern))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def template_name(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def lines_with(text: str, path: Path) -> list[str]:
    """`clinic/page.py:12` for each line that holds the text."""
    lines = path.read_text().splitlines()
    return [f"{name_of(path)}:{number}" for number, line in enumerate(lines, 1) if text in line]


@functools.cache  # two dozen tests walk the same trees; none of them changes one
def syntax_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def strings_in(path: Path) -> Iterator[str]:
    for node in ast.walk(syntax_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@functools.cache
def gathered() -> Catalog:
    """Every sentence of the product that is marked for translators."""
    return messages.gathered(ROOT)
