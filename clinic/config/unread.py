"""Settings that somebody gave and nothing reads: named in the log at the start, without values."""

import difflib
import os
import re
from collections.abc import Iterator

import structlog
from pydantic import AliasChoices

from clinic.config import Settings, setting_files

log = structlog.get_logger()

NOT_USED = {
    "MONGODB_URL": "everything is kept in DATABASE_URL",
    "VITALS_DATABASE_URL": "everything is kept in DATABASE_URL",
    "MAX_UPLOAD_SIZE_MB": "documents are not taken yet",
    "AADHAAR_HMAC_KEY": "no such number is kept yet",
    "AADHAR_ENCRYPTION_KEY": "no such number is kept yet",
    "WEARABLES_DATA_RETENTION_DAYS": "wearables are not read yet",
}
OF_COMPOSE = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
NEAR = 0.85  # of 1: SMTP_PASSWORD is no SMTP_PASS, but SMPT_HOST is a mistyped SMTP_HOST
ASSIGNED = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=", re.MULTILINE)


def tell() -> None:
    """Once a process, after the log is set up."""
    for name in sorted(_given()):
        if name in NOT_USED:
            log.warning("setting_not_used", setting=name, because=NOT_USED[name])
        elif meant := _meant(name):
            log.warning("setting_unknown", setting=name, perhaps=meant)


def known() -> set[str]:
    """Every name that a setting answers to."""
    return {*OF_COMPOSE, *(name for names in _names() for name in names)}


def _names() -> Iterator[list[str]]:
    for field, described in Settings.model_fields.items():
        alias = described.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [field.upper()]
        yield [str(name) for name in choices]


def _given() -> set[str]:
    """The names in the environment and in the files, as far as they are set to something."""
    found = {name.upper() for name, value in os.environ.items() if value}
    for path in setting_files():
        if path.is_file():
            found |= {name.upper() for name in ASSIGNED.findall(path.read_text(encoding="utf-8"))}
    return found


def _meant(name: str) -> str | None:
    """What a name was perhaps meant to be; None for a right one, and one of somebody else's."""
    names = known()
    if name in names:
        return None
    return next(iter(difflib.get_close_matches(name, names, 1, NEAR)), None)
