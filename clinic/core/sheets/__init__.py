"""Tables for spreadsheet programs: the one writer of CSV, a line at a time."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

TYPE = "text/csv; charset=utf-8"
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # by it Excel knows that this is UTF-8
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
# Where decimals have a comma, Excel takes a semicolon for the end of a cell, and no quotes inside.
_RUN_WITHIN = re.compile(r"(?<=.)([;\r\n] *)(?=[=+\-@])", re.DOTALL)


def lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """No cell is a formula: what begins as one is text, marked with the apostrophe that programs
    take for that (CWE-1236)."""
    yield _MARK + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_text(cell) for cell in cells])
    return buffer.getvalue()


def _text(cell: str) -> str:
    cell = _RUN_WITHIN.sub(r"\1'", cell)
    return f"'{cell}" if cell.lstrip(" ").startswith(_RUN) else cell
