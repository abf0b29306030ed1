"""Birth dates of a list: in the order of the country, unless the list contradicts itself."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from clinic.patients.people import typed

AMBIGUOUS = "ambiguous_date"
_PAIR = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_TIME = re.compile(
    r"(?<=\d)[ T]+\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?\s*(?:[ap]m)?(?:Z|[+-]\d\d:?\d\d)?$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")  # of two digits nobody knows the century


def settle(rows: Iterable[dict[str, Any]], country: str | None) -> None:
    """Write each birth date as YYYY-MM-DD, where it can be read; mark what is ambiguous.

    Dates that fit only the other order cannot be read. Beside them those that fit both orders are
    ambiguous; where some dates fit only the one and some only the other, all of them are.
    """
    born = [row for row in rows if row.get("date_of_birth")]
    month_first = country in typed.MONTH_FIRST
    pairs = []
    for row in born:
        row["date_of_birth"] = _TIME.sub("", row["date_of_birth"])
        pair = _PAIR.fullmatch(row["date_of_birth"])
        if pair:
            pairs.append((row, _in_order(pair, month_first), _in_order(pair, not month_first)))
        elif _YEAR.search(row["date_of_birth"]):
            found = typed.day_in(row["date_of_birth"], country)
            row["date_of_birth"] = found.isoformat() if found else row["date_of_birth"]
    fits_only_here = any(here and not other for _, here, other in pairs)
    fits_only_other = any(other and not here for _, here, other in pairs)
    for row, here, other in pairs:
        is_open = fits_only_other and here != other
        if is_open and (fits_only_here or (here and other)):
            row[AMBIGUOUS] = True
        elif here:
            row["date_of_birth"] = here.isoformat()


def _in_order(pair: re.Match[str], month_first: bool) -> date | None:
    first, second, year = int(pair[1]), int(pair[3]), int(pair[4])
    month, day = (first, second) if month_first else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        return None
