"""Hashes of secrets that are compared, and never kept."""

import hashlib
import hmac


def same(given: str, expected: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def fingerprint(secret: str) -> str:
    """SHA-256 (hex) of a random token: what the database keeps instead of it."""
    return hashlib.sha256(secret.encode()).hexdigest()
