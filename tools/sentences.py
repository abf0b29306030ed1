"""Find what people read and no translator would: sentences in code that nothing marks.

`python tools/sentences.py` lists them. Marked is what stands in `_()`, `_l()`, `ngettext()` or
`N_()`. Not meant for readers of the product are logs and figures, docstrings, types, keys, SQL,
faults of our own code (ValueError and its kind), the terminal of operators and the document of the
API. Lists of data are what they are: languages by their own names, regions of the zone database.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARKS = frozenset({"_", "_l", "N_", "gettext", "lazy_gettext", "ngettext", "_n"})
OUR_FAULTS = frozenset(
    {"ValueError", "RuntimeError", "TypeError", "KeyError", "SystemExit", "SMTPNotSupportedError"}
)
TERMINAL = ("cli.py", "stack.py", "upkeep.py", "config.py", "__main__.py", "demo/")
LOGS = ("core/watch/logging.py", "core/watch/metrics.py")
DATA = ("core/languages.py", "core/clock.py")
DOCUMENT = frozenset({"description", "summary", "tag", "tags", "responses", "title", "examples"})
NAMES = frozenset(
    {"get", "headers", "setdefault", "startswith", "removeprefix", "getLogger", "TypeVar"}
)
HTTP = re.compile(r"[A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)+|Allow|Bearer|Location")
SQL = re.compile(r"(SELECT|CREATE|PRAGMA) ")
SENTENCE = re.compile(
    r"[A-Z][\w'\u2019-]*(?:[ ,.:;!?(%…-].*)?|.*\w \w.*[.?!]|[a-z]+(?: [a-z%(){}]+){2,}.*", re.S
)
WORD = re.compile(r"[a-z]{3}")


def unmarked(root: Path) -> Iterator[str]:
    """`clinic/page.py:12 Book` for each string that looks like words for people."""
    for path in sorted((root / "clinic").rglob("*.py")):
        name = path.relative_to(root / "clinic").as_posix()
        if name.startswith((*TERMINAL, *LOGS, *DATA)):
            continue
        for node in _Strings(in_api=name.startswith("api/")).found(ast.parse(path.read_text())):
            yield f"clinic/{name}:{node.lineno} {_text(node)}"


class _Strings(ast.NodeVisitor):
    """Walks a file and passes over everything that is marked, or not for people."""

    def __init__(self, in_api: bool) -> None:
        self.in_api = in_api
        self.nodes: list[ast.Constant | ast.JoinedStr] = []

    def found(self, tree: ast.Module) -> list[ast.Constant | ast.JoinedStr]:
        self.visit(tree)
        return self.nodes

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        if name in MARKS or name in OUR_FAULTS or name in NAMES or _is_log(node.func):
            return
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if not (self.in_api and keyword.arg in DOCUMENT):
                self.visit(keyword.value)

    def visit_Dict(self, node: ast.Dict) -> None:
        for value in node.values:
            self.visit(value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in (*node.decorator_list, node.args, *node.body):  # not the type it returns
            self.visit(part)

    def visit_arg(self, node: ast.arg) -> None:
        """A name and its type."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)  # names of headers and keys are no words

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and _is_sentence(node.value):
            self.nodes.append(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if _is_sentence(_text(node)):
            self.nodes.append(node)


def _is_sentence(text: str) -> bool:
    text = text.strip()
    if HTTP.fullmatch(text) or SQL.match(text):
        return False
    return bool(SENTENCE.fullmatch(text) and WORD.search(text)) and "<" not in text[:1]


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
    )


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_log(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "log"


if __name__ == "__main__":
    found = list(unmarked(ROOT))
    sys.stdout.writelines(f"{line}\n" for line in found)
