"""A list of patients as a file: from bytes to rows of cells, and what is wrong with the file."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clinic.core.errors import N_
from clinic.patients.errors import UnreadableList

MOST_BYTES = 1024 * 1024
MOST_ROWS = 5000
MOST_COLUMNS = 100  # half a million of them would be as many problems to tell of
SEPARATORS = ",;\t"
COLUMNS = {
    "fullname": "full_name",
    "name": "full_name",
    "phone": "phone",
    "email": "email",
    "dateofbirth": "date_of_birth",
    "birthdate": "date_of_birth",
    "language": "language",
    "channel": "channel",
}
csv.field_size_limit(MOST_BYTES)  # else the reader refuses long cells in words of its own
TOO_MANY_CELLS = "too_many_cells"
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
    columns, found = _columns(*header)
    for number, cells in lines:
        if len(found.rows) >= MOST_ROWS:
            words = N_("Send at most %(most)s rows at once.")
            raise UnreadableList("too_many_rows", words, most=MOST_ROWS)
        found.rows.append(_row(number, cells, columns))
    if not found.rows:
        raise UnreadableList("no_rows", N_("The list has a header but no rows."))
    return found


def _refuse_large(size: int) -> None:
    if size > MOST_BYTES:
        raise UnreadableList("too_large", N_("Send at most 1 MiB at once."))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that says anything, with its number."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error:
            words = N_("Row %(row)s: a quotation mark is in the wrong place.")
            raise UnreadableList("bad_quotes", words, row=number) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield number, cells


def _separator(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(SEPARATORS, key=bare.count)


def _columns(number: int, header: list[str]) -> tuple[list[str | None], PatientList]:
    if sum(1 for cell in header if cell.strip()) > MOST_COLUMNS:
        words = N_("Send at most %(most)s columns.")
        raise UnreadableList("too_many_columns", words, most=MOST_COLUMNS)
    names = [COLUMNS.get(re.sub(r"[\s_-]+", "", cell.casefold())) for cell in header]
    known = [name for name in names if name]
    if "full_name" not in known:
        raise UnreadableList("no_name_column", N_("Name one column full_name or name."))
    if len(known) != len(set(known)):
        raise UnreadableList("double_column", N_("Two columns say the same thing. Leave one out."))
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
    return list(names), PatientList(problems=unknown)


def _row(number: int, cells: list[str], columns: list[str | None]) -> dict[str, Any]:
    if any(cell.strip() for cell in cells[len(columns) :]):
        return {"row": number, TOO_MANY_CELLS: True}
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name and cell}
    return {"row": number, **{name: cell for name, cell in said.items() if cell}}
