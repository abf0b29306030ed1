"""Telephone numbers as people write them, and which of them may be somebody's."""

import re
from collections.abc import Collection
from enum import Enum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber
from phonenumbers import PhoneNumberType as Type

from clinic.core.errors import N_, Wrong

_LETTER = r"(?<![^\W\d_])([^\W\d_xX]{1,2})(?![^\W\d_])"  # one or two by themselves; x is extension
LETTER_AMONG_DIGITS = re.compile(rf"(?<=\d){_LETTER}|{_LETTER}(?=\d)")
WORLDWIDE = "001"  # satellites, premium rate of all the world: numbers of no country
E164 = re.compile(r"\+[1-9]\d{5,14}")
MOST_NAMED = 8  # countries in a sentence
PARTS = {  # of countries, with codes of ISO and first digits of their own
    "AS": "US", "GU": "US", "MP": "US", "PR": "US", "VI": "US",
    "AX": "FI", "IM": "GB", "SJ": "NO",
}  # fmt: skip


class Use(Enum):
    """What a number is kept for, by the kinds of numbers that cannot be it."""

    # Who calls such a number pays its owner.
    CALLED = frozenset({Type.PREMIUM_RATE, Type.PAGER})
    # Nobody reads there, or, as with 070 in Britain, whoever writes pays its owner.
    TEXTED = CALLED | {Type.SHARED_COST, Type.PERSONAL_NUMBER, Type.UAN, Type.VOICEMAIL}


def parse_phone(text: str, country: str | None) -> PhoneNumber:
    """Raises Wrong."""
    letter = LETTER_AMONG_DIGITS.search(text)
    if letter:
        words = N_("Character %(place)s is a letter. Enter the digits of the number.")
        raise Wrong("not_a_phone", words, place=letter.start() + 1)
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise Wrong("not_a_phone") from None
    # Possible, not valid: numbering plans change faster than any list of them.
    if not phonenumbers.is_possible_number(number):
        raise Wrong("not_a_phone")
    return number


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4096)
def as_dialled(number: str, home: str | None) -> str:
    """A kept number as people in the country `home` write it: `020 7946 0142` for those whose
    number it is, `+44 20 7946 0142` for everybody else. What is no number stays as it is."""
    if not E164.fullmatch(number):
        return number
    parsed = phonenumbers.parse(number, None)
    is_at_home = home is not None and home in countries_of(parsed)
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if is_at_home else form.INTERNATIONAL)


def home_of(number: str | None) -> str | None:
    """The country of somebody with that number: of those that share it, the one they share with."""
    if not number or not E164.fullmatch(number):
        return None
    parsed = phonenumbers.parse(number, None)
    found = countries_of(parsed)
    sharing = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[parsed.country_code or 0]
    return next((country for country in sharing if country in found), None)


def countries_of(number: PhoneNumber) -> frozenset[str]:
    """Whose it may be: by its first digits, so that a number that is in no list yet has a country.

    Countries that share a code and have no first digits of their own share their numbers, too:
    Jersey and Guernsey with Britain, Canada with the United States.
    """
    sharing = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[number.country_code or 0]
    digits = phonenumbers.national_significant_number(number)
    begin = {region: _first_digits(region) for region in sharing}
    own = {region for region, first in begin.items() if first and re.match(first, digits)}
    found = own or {region for region, first in begin.items() if not first} or {sharing[0]}
    return frozenset(found | {PARTS[region] for region in found if region in PARTS})


def _first_digits(region: str) -> str | None:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    return metadata.leading_digits if metadata else None


def refuse_kind(number: PhoneNumber, use: Use) -> None:
    """Raises Wrong. A kind that nobody knows yet is nobody's mistake."""
    if WORLDWIDE in countries_of(number) or phonenumbers.number_type(number) in use.value:
        raise Wrong("phone_kind")


def named(countries: Collection[str]) -> str:
    """`GB (+44), IE (+353)`: read in any language, and what a number begins with there."""
    first = sorted(countries)[:MOST_NAMED]
    said = [f"{country} (+{phonenumbers.country_code_for_region(country)})" for country in first]
    return ", ".join(said + ["..."] * (len(countries) > MOST_NAMED))
