"""What is written about a person, one kind a field: what comes back can be stored."""

from collections.abc import Mapping
from typing import Any

from clinic.core.errors import N_, Wrong
from clinic.core.fields import (
    EMAIL,
    LANGUAGE,
    LONGEST_NAME,
    NAME,
    Choice,
    DayOfLife,
    Flag,
    Kind,
    Line,
    Maybe,
    PhoneNumber,
    Said,
    Text,
)
from clinic.core.fields.telephones import Kept
from clinic.core.phones import Use
from clinic.core.text import fold
from clinic.patients.errors import InvalidDetails
from clinic.patients.models import LONGEST_ADDRESS, LONGEST_RELATION

GENDERS = ("female", "male", "other", "undisclosed")
BLOOD_TYPES = ("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-")
CHANNELS = ("sms", "whatsapp", "email")
PHONES = {"contact_number": Use.TEXTED, "emergency_phone": Use.CALLED, "phone": Use.TEXTED}
LONGEST_CELL = 40  # of a telephone number in a list: spreadsheets say more around it

_EMAIL = {"not_an_email": N_("Write an address such as name@example.org.")}
KINDS: dict[str, Kind[Any]] = {
    "full_name": Said(NAME, {"required": N_("Give the full name.")}),
    "date_of_birth": Maybe(DayOfLife()),
    "died_on": Maybe(DayOfLife()),
    "gender": Maybe(Choice(GENDERS)),
    "blood_type": Maybe(Choice(BLOOD_TYPES)),
    "address": Maybe(Text(LONGEST_ADDRESS)),
    "emergency_name": Maybe(NAME),
    "emergency_relation": Maybe(Line(LONGEST_RELATION)),
    "email": Said(Maybe(EMAIL), _EMAIL),
    "language": LANGUAGE,
    "channel": Choice(CHANNELS),
    "is_active": Said(Flag(), N_("Give true or false."), "required"),
}


def read(
    given: Mapping[str, Any], country: str | None = None, kept: Kept | None = None
) -> dict[str, Any]:
    """Every field as it is stored; an empty one is None. Raises InvalidDetails naming all.

    Telephone numbers without a country code are read as those of `country`; those that `kept`
    returns may stay.
    """
    kinds = KINDS | {name: _number(use, country, kept) for name, use in PHONES.items()}
    found, errors = {}, []
    for field, value in given.items():
        try:
            found[field] = kinds[field].read(value)
        except Wrong as wrong:
            errors.append(wrong.of(field))
    if errors:
        raise InvalidDetails(errors=errors)
    return found


def _number(use: Use, country: str | None, kept: Kept | None) -> Kind[Any]:
    return Maybe(PhoneNumber(most=LONGEST_CELL, country=country, use=use, kept=kept))


def sort_name(full_name: str) -> str:
    """For search and order. Folding can lengthen a name beyond its column."""
    return fold(full_name)[:LONGEST_NAME]
