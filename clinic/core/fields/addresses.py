"""Addresses of websites and mailboxes inside of what should be a name.

Whoever reads a name in a letter must not find a way to somewhere else in it: mail programs make a
link of whatever looks like an address, whether or not we do.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

# Nobody's website: a space was left out behind a title, or within "Co.KG".
TITLES = frozenset(
    {"co", "dr", "hon", "jr", "md", "med", "mme", "mr", "mrs", "ms", "mx", "prof", "rev"}
    | {"sir", "sr", "st", "sta", "sto"}
)
OTHER_DOTS = str.maketrans({"\u3002": ".", "\uff61": "."})  # the DNS takes them for dots

_CERTAIN = re.compile(r"://|\bwww\.(?=\w)|\S@\S|\b\d{1,3}(?:\.\d{1,3}){3}\b", re.IGNORECASE)
_DOTTED = re.compile(r"([^\W_](?:[\w-]*[^\W_])?)\.(?=([^\W\d_][\w-]*))(/)?", re.UNICODE)
_PATH = re.compile(r"[\w-]+/\S")


def holds_address(name: str) -> bool:
    """Whether mail programs could find one in it. Initials and titles are none: `A.B. Li`."""
    if "." not in name and "@" not in name and ":" not in name and name.isascii():
        return False
    plain = _in_plain_letters(name)
    return bool(_CERTAIN.search(plain)) or any(map(_is_website, _DOTTED.finditer(plain)))


def without_address(name: str) -> str:
    """The same words, of which none is an address any longer; for names of before."""
    if not holds_address(name):
        return name
    apart = _in_plain_letters(name).replace("://", ": //").replace("@", " at ")
    return re.sub(r"\.(?=\w)", ". ", apart)


def _in_plain_letters(name: str) -> str:
    return unicodedata.normalize("NFKC", name).translate(OTHER_DOTS)


def _is_website(found: re.Match[str]) -> bool:
    label, ending = found[1].casefold(), found[2].casefold()
    if ending not in _endings():
        return False
    leads_on = _PATH.match(found.string, found.start(2)) is not None
    return leads_on or (len(label) > 1 and label not in TITLES)


@cache
def _endings() -> frozenset[str]:
    lines = Path(__file__).with_name("endings.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(" ".join(line for line in lines if not line.startswith("#")).split())
