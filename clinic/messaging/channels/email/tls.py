"""Whom a mail server must prove to be before it is told anything."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from clinic.config import Settings


class NoTls(OSError):
    """The two do not come to speak TLS with each other, so nothing was said."""


@contextmanager
def handshake() -> Iterator[None]:
    """Raises NoTls; ssl.SSLCertVerificationError for a certificate that proves nothing."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise
    except ssl.SSLError as error:
        raise NoTls(error.reason) from error


def context_of(settings: Settings) -> ssl.SSLContext:
    """In production, and wherever SMTP_CA_FILE names who vouches for the server, a certificate of
    the name SMTP_HOST is asked for. On a developer's machine any will do."""
    return _context(settings.smtp_ca_file, settings.production or bool(settings.smtp_ca_file))


@lru_cache(maxsize=8)  # each letter is a connection, and to read all authorities takes 20 ms
def _context(ca_file: Path | None, verifies: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    if not verifies:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
