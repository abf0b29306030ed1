"""Telephone numbers as people write them."""

import phonenumbers

PHONE_HINT = "Enter a number such as 07400 123456, or +44 7400 123456 with the country code."


def parse_phone(text: str, country: str | None) -> str:
    """E.164. Raises ValueError with words for the person."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise ValueError(PHONE_HINT) from None
    # Possible, not valid: numbering plans change faster than any list of them.
    if not phonenumbers.is_possible_number(number):
        raise ValueError(PHONE_HINT)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
