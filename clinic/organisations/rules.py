"""What an organisation's data and booking rules may be."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

import phonenumbers

from clinic.core import clock
from clinic.core.errors import ClinicError

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
_CONTINENTS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip
_NUMBER = re.compile(r"\+?[0-9][0-9 ]{1,18}")


class WrongValue(ClinicError):
    """One field of an organisation's data or rules is not possible."""

    code, title = "invalid", "Some of these details are not right"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, [{"field": field, "code": "invalid", "message": message}])


def emergency_number(country: str) -> str:
    """What people dial there, until the organisation says otherwise."""
    return EMERGENCY_NUMBERS.get(country, ANYWHERE)


def check_details(values: Mapping[str, Any]) -> None:
    """Raises WrongValue, also for a key that is no detail."""
    for key, value in values.items():
        if key not in _CHECKS:
            raise WrongValue(key, "This cannot be changed here.")
        _CHECKS[key](value)


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


def check_text(key: str, value: Any, longest: int, required: bool = True) -> None:
    if not isinstance(value, str) or len(value) > longest or (required and not value.strip()):
        raise WrongValue(key, f"Enter 1 to {longest} characters.")


def _check_kind(value: Any) -> None:
    if value not in KINDS:
        raise WrongValue("kind", "Choose hospital, clinic or business.")


def _check_zone(value: Any) -> None:
    try:
        clock.zone(str(value))
    except ValueError:
        raise WrongValue("timezone", "Enter a zone such as Europe/London.") from None
    if len(str(value)) > 40:
        raise WrongValue("timezone", "Enter a zone such as Europe/London.")


def _check_country(value: Any) -> None:
    if value not in COUNTRIES:
        raise WrongValue("country", "Enter the two letters of a country, such as GB.")


def _check_emergency_number(value: Any) -> None:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise WrongValue("emergency_number", "Enter a number such as 112.")


def _check_phone(value: Any) -> None:
    if value is not None:
        check_text("phone", value, 20)


def _check_email(value: Any) -> None:
    if value is not None:
        check_text("email", value, 254)


_CHECKS = {
    "name": lambda value: check_text("name", value, 120),
    "kind": _check_kind,
    "timezone": _check_zone,
    "country": _check_country,
    "emergency_number": _check_emergency_number,
    "phone": _check_phone,
    "email": _check_email,
}


@lru_cache
def zones() -> tuple[str, ...]:
    """The time zones that a person may choose: those of places, and UTC."""
    places = {zone for zone in available_timezones() if "/" in zone}
    return ("UTC", *sorted(zone for zone in places if zone.partition("/")[0] in _CONTINENTS))
