"""Rows of figures, as a table for people and as JSON for programs."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: Sequence[Row]

    def lines(self) -> list[str]:
        """One column a row of figures: there are more kinds of figures than things measured."""
        names = list(dict.fromkeys(name for row in self.rows for name in row.figures))
        head = [self.title, *(row.name for row in self.rows)]
        body = [[name, *(_cell(row.figures.get(name)) for row in self.rows)] for name in names]
        widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        return [_line(cells, widths) for cells in (head, rule, *body)]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "| " + " | ".join([first[0].ljust(first[1]), *(c.rjust(w) for c, w in others)]) + " |"


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def machine() -> dict[str, object]:
    cores = len(os.sched_getaffinity(0))
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": cores,
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in ("Flask", "SQLAlchemy", "psycopg")},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def save(path: Path, sections: Sequence[Section], about: dict[str, object]) -> None:
    figures = {
        section.title: {row.name: row.figures for row in section.rows} for section in sections
    }
    path.write_text(json.dumps({**about, "figures": figures}, indent=2) + "\n", encoding="utf-8")
