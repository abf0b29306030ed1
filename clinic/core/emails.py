"""E-mail addresses of intranets, too: .local, .test and their kind are reserved, yet in use."""

import email_validator


def allow_private_domains() -> None:
    """For the whole process, forms and API alike. Whether mail arrives, the ledger tells."""
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
