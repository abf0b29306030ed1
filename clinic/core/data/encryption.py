"""Encryption of single columns: Fernet, with the first of FIELD_ENCRYPTION_KEYS."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from clinic.core import running


class Undecipherable(Exception):
    """The value was encrypted with a key that is no longer set."""


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Raises Undecipherable."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken:
        raise Undecipherable from None


def _fernet() -> MultiFernet:
    keys = running.settings().field_encryption_keys.split(",")
    return MultiFernet([Fernet(_key(key.strip())) for key in keys if key.strip()])


def _key(secret: str) -> bytes:
    """Fernet wants exactly 32 bytes in base64; any long random text serves an operator."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest())
