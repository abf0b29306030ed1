"""What is written about a person, one reader a field: what comes back can be stored."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from clinic.core import clock, emails
from clinic.core.errors import FieldError
from clinic.core.phones import parse_phone
from clinic.core.text import clean_line, clean_text
from clinic.patients.errors import InvalidDetails

GENDERS = ("female", "male", "other", "undisclosed")
BLOOD_TYPES = ("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-")
CHANNELS = ("sms", "whatsapp", "email")
LONGEST_NAME = 120
OLDEST_YEARS = 130
EARLIEST_ZONE = timedelta(hours=14)  # where it is already tomorrow, children are born tomorrow
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")

Reader = Callable[[Any, str | None], Any]  # the value, and the country of local telephone numbers


class Refused(ValueError):
    def __init__(self, code: str, words: str, **values: object) -> None:
        super().__init__(words)
        self.code, self.words, self.values = code, words, values

    def of(self, field: str) -> FieldError:
        return FieldError(field, self.code, self.words, self.values)


def read(given: Mapping[str, Any], country: str | None = None) -> dict[str, Any]:
    """Every field as it is stored; an empty one is None. Raises InvalidDetails naming all."""
    found, errors = {}, []
    for field, value in given.items():
        try:
            found[field] = READERS[field](value, country)
        except Refused as refused:
            errors.append(refused.of(field))
    if errors:
        raise InvalidDetails(errors=errors)
    return found


def sort_name(full_name: str) -> str:
    """For search and order. Casefolding can lengthen a name beyond its column."""
    return full_name.casefold()[:LONGEST_NAME]


def must_be(value: Any, what: str) -> Any:
    if value is None:
        raise Refused("required", f"Give {what}.")
    return value


def text(longest: int, lines: bool = False) -> Reader:
    def read_text(value: Any, _country: str | None) -> str | None:
        if value is None:
            return None
        try:
            cleaned = (clean_text(value) or "") if lines else clean_line(value)
        except ValueError:
            raise Refused("unstorable", "Remove the characters that cannot be stored.") from None
        if len(cleaned) > longest:
            raise Refused("too_long", f"Use at most {longest} characters.")
        return cleaned or None

    return read_text


def choice(options: tuple[str, ...], required: bool = False) -> Reader:
    def read_choice(value: Any, _country: str | None) -> str | None:
        if value in (None, "") and not required:
            return None
        if value not in options:
            raise Refused("unknown_choice", f"Choose one of: {', '.join(options)}.")
        return value

    return read_choice


def day(value: Any, _country: str | None = None) -> date | None:
    """A day in a life, from a date or `YYYY-MM-DD`: neither to come nor before anybody's birth."""
    if value in (None, ""):
        return None
    try:
        found = value if isinstance(value, date) else date.fromisoformat(value.strip())
    except ValueError:
        raise Refused("not_a_date", "Write the day as YYYY-MM-DD.") from None
    latest = (clock.now() + EARLIEST_ZONE).date()
    if found > latest:
        raise Refused("in_the_future", "This day has not come yet.")
    if found.year < latest.year - OLDEST_YEARS:
        raise Refused("too_long_ago", "Nobody alive remembers this day. Check the year.")
    return found


def phone(value: Any, country: str | None) -> str | None:
    written = text(40)(value, country)
    try:
        return parse_phone(written, country) if written else None
    except ValueError as error:
        raise Refused("not_a_phone", str(error)) from None


def email(value: Any, country: str | None) -> str | None:
    written = text(254)(value, country)
    if not written:
        return None
    try:
        return emails.normalise(written)
    except ValueError:
        raise Refused("not_an_email", "Write an address such as name@example.org.") from None


def language(value: Any, _country: str | None) -> str:
    spoken, _, where = (value or "").strip().partition("-")
    code = f"{spoken.lower()}-{where.upper()}".rstrip("-")
    if not LANGUAGE.fullmatch(code):
        raise Refused("not_a_language", "Write the language's code, such as en or pt-BR.")
    return code


def _full_name(value: Any, country: str | None) -> str:
    return must_be(text(LONGEST_NAME)(value, country), "the full name")


def _is_active(value: Any, _country: str | None) -> bool:
    return must_be(value, "true or false")


READERS: dict[str, Reader] = {
    "full_name": _full_name,
    "date_of_birth": day,
    "died_on": day,
    "gender": choice(GENDERS),
    "blood_type": choice(BLOOD_TYPES),
    "address": text(300, lines=True),
    "contact_number": phone,
    "emergency_name": text(LONGEST_NAME),
    "emergency_phone": phone,
    "emergency_relation": text(60),
    "phone": phone,
    "email": email,
    "language": language,
    "channel": choice(CHANNELS, required=True),
    "is_active": _is_active,
}
