"""Telephone numbers as people write them."""

import phonenumbers

from clinic.core.errors import Wrong


def parse_phone(text: str, country: str | None) -> str:
    """E.164. Raises Wrong."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise Wrong("not_a_phone") from None
    # Possible, not valid: numbering plans change faster than any list of them.
    if not phonenumbers.is_possible_number(number):
        raise Wrong("not_a_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
