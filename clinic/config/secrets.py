"""The keys the product signs and encrypts with: what makes one weak, and those made for a trial."""

import contextlib
import os
import secrets
from pathlib import Path

from clinic.config.settings import Settings

SHORTEST = 32  # characters; HMAC-SHA256 keys shorter than their digest are weaker
UNSAFE_WORDS = ("change", "secret", "example", "password", "default", "todo")
SECRETS = (
    "secret_key",
    "password_pepper",
    "link_key",
    "jwt_secret_key",
    "field_encryption_keys",
)


def weakness(secret: str) -> str | None:
    if not secret:
        return "missing; make one with `openssl rand -hex 32`"
    if len(secret) < SHORTEST:
        return f"shorter than {SHORTEST} characters"
    if len(set(secret)) < 8 or any(word in secret.lower() for word in UNSAFE_WORDS):
        return "looks like a default; make one with `openssl rand -hex 32`"
    return None


def with_local_secrets(settings: Settings) -> Settings:
    """Outside production, missing secrets are made once and kept in the data folder."""
    if settings.production:
        return settings
    for name in SECRETS:
        if not getattr(settings, name):
            setattr(settings, name, kept_secret(settings.clinic_data_dir, name))
    return settings


def kept_secret(folder: Path, name: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path, draft = folder / f"{name}.txt", folder / f"{name}.{secrets.token_hex(8)}"
    if not path.exists():
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        # Web, worker and scheduler start together: the first whole file wins, none reads half.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()
