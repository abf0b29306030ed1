"""How a row of these tables is written. The scene is that of tests/access: Asha's visit with
Dr Chandra at Harbour Clinic, at 11:30 on the Monday."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.access.table import ACTORS, Scene

Words = Callable[[Scene], Any]


@dataclass(frozen=True)
class Row:
    """One way to ask the API. `expected` are the answers in the order of ACTORS."""

    method: str
    path: str  # after /api/v1, with the names of `ids` in braces, as in the document
    expected: str
    ids: Callable[[Scene], dict[str, Any]] = lambda _: {}
    json: Words | None = None
    query: Callable[[Scene], dict[str, Any]] = lambda _: {}
    steps: tuple[str, ...] = ("accept",)  # what has happened to the visit before
    at: str = "08:00"  # the time of day at which it is asked
    case: str = ""
    readable: frozenset[str] = frozenset()  # what anybody may read who can ask at all

    @property
    def name(self) -> str:
        return f"{self.method} {self.path} {self.case}".strip()

    def status_for(self, actor: str | None) -> int:
        return int(self.expected.split()[ACTORS.index(actor)])
