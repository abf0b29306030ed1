"""Telephone numbers as people write them, and which of them may be somebody's."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat
from phonenumbers import PhoneNumberType as Type

from clinic.core.errors import N_, Wrong

_LETTERS = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,2}(?![^\W\d_])")  # one or two by themselves
_EXTENSION = re.compile(r"[ ,;(]*(?:x|#|ext\.?|extn\.?|extension)[ .:]*\d{1,7}\)?$", re.IGNORECASE)
_NO_DIGITS = re.compile(r"\D")
_DIGITS = re.compile(r"\\d(?:\{(\d+)(?:,(\d+))?\})?")
_WORD_BEHIND = re.compile(r"\d.*[^\W\d_]", re.DOTALL)
_BETWEEN_DIGITS = " ().-/"
MOST_SLIPS = 3  # digits too few or too many: beyond that it is another thing than a number
EXAMPLE_COUNTRY = "GB"  # where no country is in force
WORLDWIDE = "001"  # satellites, premium rate of all the world: numbers of no country
E164 = re.compile(r"\+[1-9]\d{5,14}")
MOST_NAMED = 8  # countries in a sentence
_ARGENTINA = "+54"


@dataclass(frozen=True, slots=True)
class _Way:
    pattern: re.Pattern[str]
    form: str


def _way(pattern: str, form: str) -> _Way:
    return _Way(re.compile(pattern), form)


# As it is dialled today, and as it also comes: Mexico has dropped a 1, Brazil's mobiles have got a
# ninth digit, and the 9 of Argentina's is left out by some.
_TWO_WAYS = (
    (_way(r"\+52()([2-9]\d{9})", "+52{1}"), _way(r"\+521()([2-9]\d{9})", "+521{1}")),
    (_way(r"\+55(\d\d)9([6-9]\d{7})", "+55{0}9{1}"), _way(r"\+55(\d\d)([6-9]\d{7})", "+55{0}{1}")),
    (_way(r"\+549()([1-8]\d{9})", "+549{1}"), _way(r"\+54()([1-8]\d{9})", "+54{1}")),
)
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
    _refuse_letters(text)
    if text.startswith("+"):  # in a form that is dialled no more
        digits = f"+{_NO_DIGITS.sub('', text)}"
        text = text if as_kept(digits) == digits else as_kept(digits)
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise not_a_phone(country) from None
    # Possible, not valid: numbering plans change faster than any list of them.
    if not phonenumbers.is_possible_number(number):
        _refuse_length(text, number)
        raise not_a_phone(country)
    return number


def refuse_slips(text: str, number: PhoneNumber) -> None:
    """Raises Wrong for a digit too few or too many: no list has the number, and those that begin as
    it does have another length."""
    if not phonenumbers.is_valid_number(number):
        _refuse_length(text, number)


@dataclass(frozen=True, slots=True)
class Example:
    """What is accepted where a country is in force; without one `national` is None."""

    national: str | None
    international: str


@lru_cache(maxsize=256)
def example(country: str | None) -> Example | None:
    """None for a country of which no number is known."""
    region = country or EXAMPLE_COUNTRY
    mobile = phonenumbers.example_number_for_type(region, Type.MOBILE)
    number = mobile or phonenumbers.example_number(region)
    if number is None:
        return None
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    return Example(national if country else None, international)


def not_a_phone(country: str | None) -> Wrong:
    """With examples of what is accepted where it is typed."""
    shown = example(country)
    if shown is None:
        return Wrong("not_a_phone", N_("Enter a number with its country code."))
    if shown.national is None:
        words = N_("Enter a number with its country code, such as %(international)s.")
        return Wrong("not_a_phone", words, international=shown.international)
    return Wrong("not_a_phone", national=shown.national, international=shown.international)


def _refuse_letters(text: str) -> None:
    """An O among the digits; neither `M: 07400 ...` nor an extension. Raises Wrong."""
    number = _EXTENSION.sub("", text)
    for letters in _LETTERS.finditer(number):
        before, after = number[: letters.start()], number[letters.end() :]
        begun, goes_on = before.rstrip(_BETWEEN_DIGITS), after.lstrip(_BETWEEN_DIGITS)
        is_inside = begun[-1:].isdigit() and goes_on[:1].isdigit()
        is_beside = before.rstrip("-./")[-1:].isdigit() or after.lstrip("-./")[:1].isdigit()
        if is_inside or is_beside:
            words = N_("Character %(place)s is a letter. Enter the digits of the number.")
            raise Wrong("not_a_phone", words, place=letters.start() + 1)


def _refuse_length(text: str, number: PhoneNumber) -> None:
    """Raises Wrong, with the digits counted as they were typed."""
    size = len(phonenumbers.national_significant_number(number))
    lengths = _lengths(number)
    if not lengths or size in lengths:
        return
    wanted = min(lengths, key=lambda length: abs(length - size))
    if abs(wanted - size) > MOST_SLIPS:
        return
    typed = _EXTENSION.sub("", text)
    if _WORD_BEHIND.search(typed):  # such as CALL-ME: it was read as digits
        return
    given = sum(one.isdigit() for one in typed)
    words = (
        N_("This number is too short: it has %(given)s digits and needs %(wanted)s.")
        if size < wanted
        else N_("This number is too long: it has %(given)s digits and needs %(wanted)s.")
    )
    raise Wrong("not_a_phone", words, given=given, wanted=given + wanted - size)


def _lengths(number: PhoneNumber) -> set[int]:
    """Of numbers that begin as this one does, by how they are grouped; empty if nobody knows."""
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.general_desc is None:
        return set()
    digits = phonenumbers.national_significant_number(number)
    found: set[int] = set()
    for form in metadata.number_format:
        begin = form.leading_digits_pattern
        if not begin or re.match(begin[-1], digits):
            found.update(_spelled(form.pattern or ""))
    return found.intersection(metadata.general_desc.possible_length)


def _spelled(pattern: str) -> range:
    """How many digits a pattern takes: `(\\d{3})(\\d{3,4})` 6 or 7."""
    least = most = 0
    for low, high in _DIGITS.findall(pattern):
        least += int(low or 1)
        most += int(high or low or 1)
    return range(least, most + 1)


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def forms(number: str) -> tuple[str, ...]:
    """How networks and WhatsApp write one mobile number, beginning with how it is dialled.

    Nothing is known of most countries: there a number has one form.
    """
    for dialled, otherwise in _TWO_WAYS:
        for way in (dialled, otherwise):
            if found := way.pattern.fullmatch(number):
                return tuple(one.form.format(*found.groups()) for one in (dialled, otherwise))
    return (number,)


def canonical(number: str) -> str:
    """One form for each person's number, by which it is compared."""
    return forms(number)[0]


def as_kept(number: str) -> str:
    """The same, but where the other form may be somebody's landline."""
    return number if number.startswith(_ARGENTINA) else canonical(number)


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
