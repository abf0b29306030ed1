"""E-mail addresses as they are stored: one mailbox is written in one way."""

import email_validator

LONGEST = 254  # characters
HINT = "Enter an address such as name@example.org"


def allow_private_domains() -> None:
    """.local, .test and their kind are reserved, yet in use. For the whole process, forms and API
    alike. Whether mail arrives, the ledger tells."""
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def normalise(text: str) -> str:
    """In lower case, with the domain as the DNS knows it. Raises ValueError with HINT."""
    try:
        found = email_validator.validate_email(text.strip(), check_deliverability=False)
    except email_validator.EmailNotValidError:
        raise ValueError(HINT) from None
    address = f"{found.local_part}@{found.ascii_domain}".lower()
    if len(address) > LONGEST:
        raise ValueError(HINT)
    return address


def as_typed(text: str) -> str:
    """Normalised; what is no address, in lower case: it is nobody's, and not worth an error."""
    try:
        return normalise(text)
    except ValueError:
        return text.strip().lower()
