"""Find what people read and no translator would: sentences in code that nothing marks.

`python tools/sentences.py` lists them. Marked is what stands in `_()`, `_l()`, `ngettext()` or
`N_()`. Not meant for readers of the product are logs, docstrings, types, faults of our own code
(ValueError and its kind), statements in SQL, names of headers, the terminal of operators and the
document of the API with its examples. Names of browsers, continents and languages stand in tables
that no translator changes.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parent.parent
MARKS = frozenset({"_", "_l", "N_", "gettext", "lazy_gettext", "ngettext"})
OUR_FAULTS = frozenset(
    {"ValueError", "RuntimeError", "TypeError", "KeyError", "SystemExit", "SMTPNotSupportedError"}
)
TERMINAL = (
    "cli.py", "stack/", "upkeep.py", "config/", "__main__.py", "demo/",
    "core/watch/lines.py", "core/watch/logging.py", "core/watch/metrics.py",
    "core/watch/sinks.py", "config/unread.py",
)  # fmt: skip
NAMES = (
    "accounts/vocabulary.py", "core/clock.py", "core/languages.py",
    "messaging/heard/vocabulary.py",  # what people write to us
)  # fmt: skip
DOCUMENT = ("api/openapi.py", "api/messaging/described.py")
DOCUMENTED = frozenset({"description", "summary", "tag", "tags", "responses", "title", "examples"})
NO_WORDS = frozenset(
    {
        "get",
        "headers",
        "setdefault",
        "startswith",
        "removeprefix",
        "getLogger",
        "TypeVar",
        "Visible",
        "example",
        "PydanticKnownError",
    }
)
SENTENCE = re.compile(
    r"[A-Z][\w'\u2019-]*(?:[ ,.:;!?(%…-].*)?|.*\w \w.*[.?!]|[a-z]+(?: [a-z%(){}]+){2,}.*", re.S
)
NOT_READ = re.compile(r"trans |pluralize |block \w+_class ")  # blocks of a template
READ_ALOUD = re.compile(r'\b(?:alt|aria-label|placeholder|title)="([^"\x01]*[a-z]{3}[^"]*)"')
CLASSES = re.compile("[a-z0-9 -]+")
WORD = re.compile(r"[a-z]{3}")
TECHNICAL = re.compile(
    r"(?:SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA) .*"
    r"|[A-Z]\w*(?:-[A-Z]\w*)+"  # headers, such as Retry-After
    r"|Allow|Authorization|Bearer|Location",
    re.S,
)


def unmarked(root: Path) -> Iterator[str]:
    """`clinic/page.py:12 Book` for each string of the tree that looks like words for people."""
    yield from _in_code(root)
    yield from _in_templates(root)


def _in_code(root: Path) -> Iterator[str]:
    for path in sorted((root / "clinic").rglob("*.py")):
        name = path.relative_to(root / "clinic").as_posix()
        if name.startswith((*TERMINAL, *NAMES, *DOCUMENT)):
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
        # In the API a ValueError is what pydantic says of a field.
        is_ours = name in OUR_FAULTS and not self.in_api
        if is_ours or name in MARKS | NO_WORDS or _is_log(node.func):
            return
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if not (keyword.arg in DOCUMENTED and (self.in_api or name == "Field")):
                self.visit(keyword.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        """In the API what a constant holds is an example, or a description, of the document."""
        name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
        if not (name == "__all__" or (self.in_api and name.isupper())):
            self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for one in (*node.decorator_list, node.args, *node.body):
            self.visit(one)

    def visit_arguments(self, node: ast.arguments) -> None:
        for default in (*node.defaults, *node.kw_defaults):
            if default:
                self.visit(default)

    def visit_Dict(self, node: ast.Dict) -> None:
        for value in node.values:  # keys are no words
            self.visit(value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and _is_sentence(node.value):
            self.nodes.append(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if _is_sentence(_text(node)):
            self.nodes.append(node)


def _in_templates(root: Path) -> Iterator[str]:
    """Also those with which a template calls a macro."""
    environment = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701 - renders nothing
    for path in sorted((root / "templates").rglob("*.*")):
        source = path.read_text()
        for text in (*_written(environment, source), *_given(environment.parse(source))):
            yield f"{path.relative_to(root).as_posix()} {text}"


def _written(environment: Environment, source: str) -> Iterator[str]:
    """What stands between the tags, and in the attributes that people read or hear."""
    text, block = "", ""
    for _line, kind, value in environment.lex(source):
        if kind == "block_begin":
            block, text = "", text + "\x01"
        elif kind == "variable_begin":
            text += "\x01"
        elif kind == "name":
            block += f"{value} "
        elif kind == "data" and not NOT_READ.match(block):
            text += value
    yield from (found[1] for found in READ_ALOUD.finditer(text))
    for part in re.split("\x01|<[^>]*>", re.sub(r"<[^>]*>", "\x01", text)):
        if WORD.search(part):
            yield part.strip()


def _given(tree: nodes.Node) -> Iterator[str]:
    """What stands in its expressions, but for what is compared and lists of CSS classes."""
    for child in tree.iter_child_nodes():
        is_marked = isinstance(child, nodes.Call) and getattr(child.node, "name", "") in MARKS
        if is_marked or isinstance(child, nodes.Compare):
            continue
        text = child.value if isinstance(child, nodes.Const) else None
        if isinstance(text, str) and _is_sentence(text) and not CLASSES.fullmatch(text):
            yield text
        yield from _given(child)


def _is_sentence(text: str) -> bool:
    text = text.strip()
    if TECHNICAL.fullmatch(text) or text.startswith("<"):
        return False
    return bool(SENTENCE.fullmatch(text) and WORD.search(text))


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
