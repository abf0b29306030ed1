"""E-mail addresses as they are stored: one mailbox is written in one way."""

import email_validator

from clinic.core.errors import Wrong

LONGEST = 254  # characters


def allow_private_domains() -> None:
    """.local, .test and their kind are reserved, yet in use. For the whole process, forms and API
    alike. Whether mail arrives, the ledger tells."""
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def normalise(text: str) -> str:
    """In lower case, with the domain as the DNS knows it. Raises Wrong.

    The part before the @ must be ASCII: few mail servers take other letters there.
    """
    try:
        found = email_validator.validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False
        )
    except email_validator.EmailNotValidError:
        raise Wrong("not_an_email") from None
    address = f"{found.local_part}@{found.ascii_domain}".lower()
    if len(address) > LONGEST:
        raise Wrong("not_an_email")
    return address


def as_typed(text: str) -> str:
    """Normalised; what is no address, in lower case: it is nobody's, and not worth an error."""
    try:
        return normalise(text)
    except Wrong:
        return text.strip().lower()
