"""What an organisation's data and booking rules may be."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import phonenumbers

from clinic.core import clock, emails
from clinic.core.text import clean_line
from clinic.organisations.errors import WrongValue

KINDS = ("hospital", "clinic", "business")
RANGES = {  # minutes, but for the days of the horizon
    "minimum_notice_minutes": (0, 7 * 24 * 60),
    "booking_horizon_days": (1, 365),
    "cancel_notice_minutes": (0, 7 * 24 * 60),
    "no_show_grace_minutes": (0, 240),
}
SWITCHES = ("approval_required", "auto_no_show", "two_factor_required")
COUNTRIES = phonenumbers.SUPPORTED_REGIONS  # ISO 3166, those that have telephones
EMERGENCY_NUMBERS = {"GB": "999", "US": "911", "CA": "911", "AU": "000", "NZ": "111"}
ANYWHERE = "112"  # every mobile phone knows it
_NUMBER = re.compile(r"\+?[0-9][0-9 ]{1,18}")


def emergency_number(country: str) -> str:
    """What people dial there, until the organisation says otherwise."""
    return EMERGENCY_NUMBERS.get(country, ANYWHERE)


def read_details(values: Mapping[str, Any]) -> dict[str, Any]:
    """As they are stored. Raises WrongValue, also for a key that is no detail."""
    for key in values:
        if key not in _READERS:
            raise WrongValue(key, "This cannot be changed here.")
    return {key: _READERS[key](value) for key, value in values.items()}


def check_settings(values: Mapping[str, Any]) -> None:
    """Raises WrongValue, also for a key that is no setting."""
    for key, value in values.items():
        if key in SWITCHES:
            if not isinstance(value, bool):
                raise WrongValue(key, "Say yes or no.")
        elif key in RANGES:
            _check_number(key, value)
        else:
            raise WrongValue(key, "There is no such setting.")


def _check_number(key: str, value: Any) -> None:
    least, most = RANGES[key]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise WrongValue(key, f"Enter a number from {least} to {most}.")


def read_text(key: str, value: Any, longest: int, required: bool = True) -> str:
    """In one line. Raises WrongValue."""
    try:
        line = clean_line(value) if isinstance(value, str) else None
    except ValueError:
        line = None
    if line is None or len(line) > longest or (required and not line):
        raise WrongValue(key, f"Enter 1 to {longest} characters.")
    return line


def _kind(value: Any) -> str:
    if value not in KINDS:
        raise WrongValue("kind", "Choose hospital, clinic or business.")
    return value


def _zone(value: Any) -> str:
    try:
        clock.zone(str(value))
    except ValueError:
        raise WrongValue("timezone", "Enter a zone such as Europe/London.") from None
    return value


def _country(value: Any) -> str:
    if value not in COUNTRIES:
        raise WrongValue("country", "Enter the two letters of a country, such as GB.")
    return value


def _emergency_number(value: Any) -> str:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise WrongValue("emergency_number", "Enter a number such as 112.")
    return value


def _phone(value: Any) -> str | None:
    return None if value is None else read_text("phone", value, 20)


def _email(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return emails.normalise(str(value))
    except ValueError as error:
        raise WrongValue("email", str(error)) from None


_READERS: dict[str, Callable[[Any], str | None]] = {
    "name": lambda value: read_text("name", value, 120),
    "kind": _kind,
    "timezone": _zone,
    "country": _country,
    "emergency_number": _emergency_number,
    "phone": _phone,
    "email": _email,
}
