"""Which words a country asks for below a field for a mobile number, and what is kept of them.

A key is a family of countries and a version of its words, `us-1`: whoever changes the words adds a
version, and those that people agreed to stay readable. `us-1-link` are the words where no reply can
reach us, `us-1-desk` those that are read out.
"""

import re
from dataclasses import dataclass
from uuid import UUID

HOWS = ("page", "account", "desk", "api", "import", "text", "mail", "provider")
ONE_WAY, READ_OUT = "link", "desk"
LONGEST_KEY = 20

_VERSIONS = {"us": 1, "eu": 1, "in": 1, "any": 1}  # the newest of each family
_EUROPE = (
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GG", "GI", "GR",
    "HR", "HU", "IE", "IM", "IS", "IT", "JE", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT",
    "RO", "SE", "SI", "SK",
)  # fmt: skip
_FAMILIES = {**dict.fromkeys(("US", "CA", "PR"), "us"), **dict.fromkeys(_EUROPE, "eu"), "IN": "in"}


@dataclass(frozen=True, slots=True)
class Agreed:
    """How somebody agreed. `words` and `shown` are None where they read none of ours."""

    how: str
    organisation_id: UUID | None = None  # whose texts; None: of all
    words: str | None = None
    shown: str | None = None
    language: str | None = None
    by: UUID | None = None  # the account that says so


def key_for(country: str | None, can_reply: bool = True, is_read_out: bool = False) -> str:
    """The words of now, for a clinic of that country; None where there are several."""
    family = _FAMILIES.get(country or "", "any")
    kind = [READ_OUT] if is_read_out else [] if can_reply else [ONE_WAY]
    return "-".join([family, str(_VERSIONS[family]), *kind])


KEY_PATTERN = (
    "^("
    + "|".join(
        f"{family}-{version}"
        for family, newest in _VERSIONS.items()
        for version in range(1, newest + 1)
    )
    + f")(-{ONE_WAY}|-{READ_OUT})?$"
)


def is_key(text: str | None) -> bool:
    """Of words that there are, or were."""
    return bool(re.fullmatch(KEY_PATTERN, text or ""))
