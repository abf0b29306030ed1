"""Find roles that are compared by hand, instead of asked through `clinic.access`.

`python tools/roles.py` lists them. Who may do what has a named set in `access.roles`, who may see
what a row in a table of `access.visible`: so a comparison is one that neither of them knows of.
Free to compare are `clinic/access` itself, what stands inside a `Visible(...)`, and two roles
that are both data (`User.role == asked.role` names no role).
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROLES = frozenset({"superadmin", "admin", "staff", "doctor", "patient"})
ENUMS = frozenset({"Role", "By"})
COMPARES = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
OTHER_VOCABULARIES = frozenset({"audience", "kind", "source"})  # their words are no roles
IN_TEMPLATE = re.compile(r"\brole\s*(?:[=!]=|(?:not )?in\b)|[=!]=\s*\w+(?:\.\w+)*\.role\b")


def comparisons(root: Path) -> Iterator[str]:
    """`clinic/page.py:12 role == Role.DOCTOR` for each comparison below `root`."""
    for path in sorted((root / "clinic").rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if name.startswith("clinic/access/"):
            continue
        for node in _Comparisons().found(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{name}:{node.lineno} {ast.unparse(node)}"
    for path in sorted((root / "templates").rglob("*.html")):
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if IN_TEMPLATE.search(line):
                yield f"{name}:{number} {line.strip()}"


class _Comparisons(ast.NodeVisitor):
    def __init__(self) -> None:
        self.nodes: list[ast.Compare] = []

    def found(self, tree: ast.Module) -> list[ast.Compare]:
        self.visit(tree)
        return self.nodes

    def visit_Call(self, node: ast.Call) -> None:
        if not (isinstance(node.func, ast.Name) and node.func.id == "Visible"):
            self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        if any(isinstance(one, COMPARES) for one in node.ops) and _is_about_a_role(sides):
            self.nodes.append(node)
        self.generic_visit(node)


def _is_about_a_role(sides: list[ast.expr]) -> bool:
    if all(_last(one) == "role" for one in sides):
        return False
    if any(_last(one) in OTHER_VOCABULARIES for one in sides):
        return False
    return any(_last(part) == "role" or _names_a_role(part) for one in sides for part in _in(one))


def _in(side: ast.expr) -> list[ast.expr]:
    """The parts of a tuple, list or set; else the side itself."""
    return side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else [side]


def _names_a_role(part: ast.expr) -> bool:
    if isinstance(part, ast.Constant):
        return part.value in ROLES
    return isinstance(part, ast.Attribute) and _last(part.value) in ENUMS


def _last(part: ast.expr) -> str:
    """`role` of `actor.role`, and of a plain `role`."""
    return part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "")


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in comparisons(ROOT))
