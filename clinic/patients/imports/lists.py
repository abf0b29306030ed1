"""A list of patients as a file: from bytes to rows of cells, and what is wrong with the file."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clinic.core.errors import N_
from clinic.patients.errors import UnreadableList
from clinic.patients.imports import headings

MOST_BYTES = 1024 * 1024
MOST_ROWS = 5000
MOST_LINES = 50  # of one row: beyond that a quotation mark was never closed
SEPARATORS = ",;\t|"
csv.field_size_limit(MOST_BYTES)  # else the reader refuses long cells in words of its own
TOO_MANY_CELLS, BAD_QUOTES = "too_many_cells", "bad_quotes"
NO_CONTACT, FEWEST_WARNED = "no_contact", 5
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?[ \t,;|]*(?:\r\n|\r|\n)", re.IGNORECASE)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# {row, field, code, message, values}: never what the file says. The message has gaps for values.
Problem = dict[str, Any]


@dataclass(slots=True)
class PatientList:
    """`rows` hold `row` (as a spreadsheet counts, the header is 1) and the cells that say anything;
    `problems` tell of columns that are left out."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def decode(data: bytes) -> str:
    """The text of an uploaded file. Raises UnreadableList unless it is UTF-8."""
    _refuse_large(len(data))
    if data.startswith(UTF_16) or b"\x00" in data:
        raise UnreadableList("not_utf8", N_("Save the list as “CSV UTF-8”; this one is UTF-16."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableList(
            "not_utf8", N_("Save the list as “CSV UTF-8”; this one uses another alphabet.")
        ) from None


def parse(text: str) -> PatientList:
    """Raises UnreadableList when no row can be trusted."""
    _refuse_large(len(text.encode("utf-8", "surrogatepass")))
    lines = _lines(text.removeprefix("\ufeff"))
    header = next(lines, None)
    if header is None:
        raise UnreadableList("empty", N_("The list is empty."))
    if header[1] is None:
        raise _bad_quotes(header[0])
    columns, found = _columns(header[0], header[1])
    for number, cells in lines:
        if len(found.rows) >= MOST_ROWS:
            words = N_("Send at most %(most)s rows at once.")
            raise UnreadableList("too_many_rows", words, most=MOST_ROWS)
        found.rows.append(_row(number, cells, columns))
    if not found.rows:
        raise UnreadableList("no_rows", N_("The list has a header but no rows."))
    if all(BAD_QUOTES in row for row in found.rows):
        raise _bad_quotes(found.rows[0]["row"])
    _warn_of_silence(found)
    return found


def _bad_quotes(number: int) -> UnreadableList:
    words = N_("Row %(row)s: a quotation mark is in the wrong place.")
    return UnreadableList(BAD_QUOTES, words, row=number)


def _warn_of_silence(found: PatientList) -> None:
    """On top: many people whom nothing can be sent, mostly because a heading is not known."""
    silent = sum(1 for row in found.rows if not row.get("phone") and not row.get("email"))
    if silent < FEWEST_WARNED or silent * 2 < len(found.rows):
        return
    warning = {
        "row": 1,
        "field": "",
        "code": NO_CONTACT,
        "message": N_(
            "%(count)s of %(total)s rows have no telephone number and no e-mail address, so nothing"
            " can be sent to these people. Check the headings of the columns."
        ),
        "values": {"count": silent, "total": len(found.rows)},
    }
    found.problems.insert(0, warning)


def _refuse_large(size: int) -> None:
    if size > MOST_BYTES:
        raise UnreadableList("too_large", N_("Send at most 1 MiB at once."))


class _Source:
    """The lines of a file, of which a row takes at most `MOST_LINES`."""

    def __init__(self, lines: list[str]) -> None:
        self.lines, self.at, self.until = lines, 0, 0

    def begin_row(self, at: int) -> bool:
        """Whether there is one."""
        self.at, self.until = at, min(at + MOST_LINES, len(self.lines))
        return at < self.until

    def __iter__(self) -> "_Source":
        return self

    def __next__(self) -> str:
        if self.at == self.until:
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


def _lines(text: str) -> Iterator[tuple[int, list[str] | None]]:
    """Each row that says anything, with its number; None for one with a bad quotation mark."""
    separator, text = _separator(text)
    source = _Source(io.StringIO(text, newline="").readlines())
    reader = csv.reader(source, delimiter=separator, strict=True)
    number = begin = 0
    while source.begin_row(begin):
        number += 1
        try:
            cells = next(reader)
        except csv.Error:
            begin += 1  # the row costs itself; what it swallowed is read again
            yield number, None
            continue
        begin = source.at
        if any(cell.strip() for cell in cells):
            yield number, cells


def _separator(text: str) -> tuple[str, str]:
    """As Excel is told in a line of its own, or as the header has it; and the rest of the text."""
    told = _SEPARATOR_LINE.match(text)
    if told and told[1] in SEPARATORS:
        return told[1], text[told.end() :]
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(SEPARATORS, key=bare.count), text


def _columns(number: int, header: list[str]) -> tuple[list[str | None], PatientList]:
    names = headings.named(header)
    unknown = [
        {
            "row": number,
            "field": f"column_{place}",
            "code": "unknown_column",
            "message": N_("Column %(column)s is not one we keep; it was left out."),
            "values": {"column": place},
        }
        for place, name in enumerate(names, 1)
        if name is None and header[place - 1].strip()
    ]
    return names, PatientList(problems=unknown)


def _row(number: int, cells: list[str] | None, columns: list[str | None]) -> dict[str, Any]:
    if cells is None:
        return {"row": number, BAD_QUOTES: True}
    if any(cell.strip() for cell in cells[len(columns) :]):
        return {"row": number, TOO_MANY_CELLS: True}
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name and cell}
    known = headings.joined({name: cell for name, cell in said.items() if cell})
    return {"row": number, **{name: cell for name, cell in known.items() if cell}}
