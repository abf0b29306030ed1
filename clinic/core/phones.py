"""Telephone numbers as people write them, and which of them may be somebody's."""

import re
from collections.abc import Collection
from enum import Enum

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber
from phonenumbers import PhoneNumberType as Type

from clinic.core.errors import N_, Wrong

_LETTER = r"(?<![^\W\d_])([^\W\d_xX]{1,2})(?![^\W\d_])"  # one or two by themselves; x is extension
LETTER_AMONG_DIGITS = re.compile(rf"(?<=\d){_LETTER}|{_LETTER}(?=\d)")
WORLDWIDE = "001"  # satellites, premium rate of all the world: numbers of no country
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
