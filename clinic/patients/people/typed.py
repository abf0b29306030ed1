"""What somebody at a desk types to find a person: names, a number, a day, an address, a code."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from clinic.core import clock, reader, saying
from clinic.core.errors import Wrong
from clinic.core.phones import e164, parse_phone
from clinic.core.text import fold

FEWEST_LETTERS = 2
MOST_WORDS = 8  # each is looked for in every name
FEWEST_DIGITS = 3  # of a telephone number
MONTH_FIRST = frozenset({"US", "AS", "GU", "MP", "PR", "VI", "PH", "FM", "MH", "PW"})

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WORD = r"(?P<word>[^\W\d_][^\s\d,/-]+)"  # a month in another language, maybe
_DATES = tuple(
    re.compile(rf"(?<!\d){pattern}(?!\d)", re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})[-/. ](?P<month>\d{1,2})[-/. ](?P<day>\d{1,2})",
        rf"{_DAY}[-/. ]*(?:of )?{_MONTH},?[-/. ]*{_YEAR}",
        rf"(?:\b{_MONTH})[-/. ]*{_DAY},?[-/. ]+{_YEAR}",
        rf"(?P<first>\d{{1,2}})(?P<by>[-/.])(?P<second>\d{{1,2}})(?P=by){_YEAR}",
        r"(?P<first>\d{1,2}) (?P<second>\d{1,2}) (?P<year>\d{4})",
        rf"{_DAY}[-/. ]*(?:de |d')?{_WORD},?[-/. ]*(?:de |del )?{_YEAR}",
        rf"(?:\b{_WORD})[-/. ]*{_DAY},?[-/. ]+{_YEAR}",
    )
)
_ADDRESS = re.compile(r"\S+@\S*")
_NUMBER = re.compile(r"\+?(?:\(\+?\d|\d)[\d\s().\-/]*\d\)?")
_TRUNK = re.compile(r"\(0\)")  # +44 (0)7700

Country = Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Typed:
    """All of it narrows, but `compact`, which alone may be a code or the number of a record."""

    words: tuple[str, ...] = ()
    digits: str = ""  # of a telephone number, without what is dialled before it
    phone: str | None = None  # its beginning as E.164, where the country says so
    born: date | None = None
    email: str = ""
    compact: str = ""

    @property
    def narrows(self) -> bool:
        letters = sum(map(len, self.words))
        return bool(letters >= FEWEST_LETTERS or self.digits or self.born or self.email)


def read(text: str, country: Country) -> Typed | None:
    """None for less than 2 characters. `country` reads days and numbers; it is asked for digits."""
    text = text.strip()
    if len(text) < FEWEST_LETTERS or "\x00" in text:
        return None
    compact = "".join(text.split()).upper()
    address = _ADDRESS.search(text)
    rest = _without(text, address)
    in_country = country() if any(one.isdigit() for one in rest) else None
    born, rest = _day_in(rest, in_country)
    digits, phone, rest = _number_in(rest, in_country)
    return Typed(
        words=tuple(fold(rest).split()[:MOST_WORDS]),
        digits=digits,
        phone=phone,
        born=born,
        email=address[0].lower() if address else "",
        compact=compact if compact.isascii() else "",
    )


def day_in(text: str, country: str | None) -> date | None:
    """A day and nothing else, as it is written in that country."""
    found, rest = _day_in(text.strip(), country)
    return None if rest.strip() else found


def _without(text: str, found: re.Match[str] | None) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}" if found else text


def _day_in(text: str, country: str | None) -> tuple[date | None, str]:
    for pattern in _DATES:
        found = pattern.search(text)
        day = _day(found.groupdict(), country) if found else None
        if found and day:
            return day, _without(text, found)
    return None, text


def _day(parts: dict[str, str], country: str | None) -> date | None:
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        this_year = clock.now().year
        year += 2000 if 2000 + year <= this_year else 1900
    if "first" in parts:
        pair = int(parts["first"]), int(parts["second"])
        return _made(year, *(pair if country in MONTH_FIRST else pair[::-1])) or _made(
            year, *(pair[::-1] if country in MONTH_FIRST else pair)
        )
    month = _month(parts)
    return _made(year, month, int(parts["day"])) if month else None


def _month(parts: dict[str, str]) -> int | None:
    """By its number, in English, or in a language of whoever types it."""
    if "word" in parts:
        return saying.month_of(parts["word"], reader.languages())
    month = parts["month"]
    return int(month) if month.isdigit() else _MONTHS.index(month.lower()[:3]) + 1


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number_in(text: str, country: str | None) -> tuple[str, str | None, str]:
    found = _NUMBER.search(text)
    written = _TRUNK.sub("", found[0]) if found else ""
    digits = re.sub(r"\D", "", written)
    if found is None or len(digits) < FEWEST_DIGITS:
        return "", None, text
    if digits.startswith("00"):
        written = "+" + digits[2:]
    return digits.lstrip("0") or digits, _as_e164(written, country), _without(text, found)


def _as_e164(written: str, country: str | None) -> str | None:
    try:
        return e164(parse_phone(written, country))
    except Wrong:
        return None
