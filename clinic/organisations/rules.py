"""What an organisation's data and booking rules may be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from clinic.core.errors import N_, WORDS, Invalid, Wrong
from clinic.core.fields import (
    COUNTRY,
    EMAIL,
    LONGEST_E164,
    LONGEST_NAME,
    NAME,
    ZONE,
    Choice,
    Flag,
    Kind,
    Line,
    Maybe,
    Number,
    Said,
    Text,
    read,
)
from clinic.core.fields.kinds import of_any_line
from clinic.organisations.models import LONGEST_EMERGENCY_NUMBER, USUAL_ORDER

KINDS = ("hospital", "clinic", "business")
RANGES = {  # minutes, but for the days of the horizon
    "minimum_notice_minutes": Number(0, 7 * 24 * 60),
    "booking_horizon_days": Number(1, 365),
    "cancel_notice_minutes": Number(0, 7 * 24 * 60),
    "no_show_grace_minutes": Number(0, 240),
}
CHANNEL_ORDERS = tuple(",".join(names) for names in permutations(USUAL_ORDER.split(",")))
SWITCHES = ("approval_required", "auto_no_show", "two_factor_required")
INVALID = Invalid.code  # whatever is wrong with an organisation's data
SETTINGS: dict[str, Kind[Any]] = {
    **{key: Said(within, code=INVALID) for key, within in RANGES.items()},
    **dict.fromkeys(SWITCHES, Said(Flag(), code=INVALID)),
    "channel_order": Said(Choice(CHANNEL_ORDERS), code=INVALID),
}
EMERGENCY_NUMBERS = {"GB": "999", "US": "911", "CA": "911", "AU": "000", "NZ": "111"}
ANYWHERE = "112"  # every mobile phone knows it
_NUMBER = re.compile(r"\+?[0-9][0-9 ]{1,18}")


@dataclass(frozen=True, slots=True)
class EmergencyNumber(Text):
    most: int | None = LONGEST_EMERGENCY_NUMBER
    least: int = 2

    def judge(self, cleaned: str) -> str:
        if not _NUMBER.fullmatch(cleaned):
            raise Wrong("not_a_phone")
        return cleaned


def line(most: int, least: int = 1) -> Kind[Any]:
    return _said(Line(most, least), most)


def _said(kind: Kind[Any], most: int) -> Kind[Any]:
    words = of_any_line(N_("Enter 1 to %(most)s characters."))
    return Said(kind, words, of_any_line(INVALID), {"most": most})


PLACE_NAME = _said(NAME, LONGEST_NAME)  # of an organisation, or of a place of it


DETAILS: dict[str, Kind[Any]] = {
    "name": PLACE_NAME,
    "kind": Said(Choice(KINDS), N_("Choose hospital, clinic or business."), INVALID),
    "timezone": Said(ZONE, WORDS["not_a_zone"], INVALID),
    "country": Said(COUNTRY, WORDS["not_a_country"], INVALID),
    "emergency_number": Said(EmergencyNumber(), N_("Enter a number such as 112."), INVALID),
    "phone": Maybe(line(LONGEST_E164), (None,)),
    "email": Maybe(Said(EMAIL, WORDS["not_an_email"], INVALID), (None,)),
}


def emergency_number(country: str) -> str:
    """What people dial there, until the organisation says otherwise."""
    return EMERGENCY_NUMBERS.get(country, ANYWHERE)


def read_details(values: Mapping[str, Any]) -> dict[str, Any]:
    """As they are stored. Raises Invalid, also for a key that is no detail."""
    for key in values:
        if key not in DETAILS:
            raise Invalid.of(key, N_("This cannot be changed here."))
    return {key: read(key, DETAILS[key], value) for key, value in values.items()}


def check_settings(values: Mapping[str, Any]) -> None:
    """Raises Invalid, also for a key that is no setting."""
    for key, value in values.items():
        if key not in SETTINGS:
            raise Invalid.of(key, N_("There is no such setting."))
        read(key, SETTINGS[key], value)
