"""Texts that no person typed, by their look: pure."""

import re
import unicodedata

# What a telephone sends when somebody taps a heart: its own words, and ours in quotes.
_REACTION = re.compile(
    r"(liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|removed an? .{1,40} from"
    r"|reacted .{1,20} to|[^\w\s]{1,12} to) ?[\"\u201c\u201e\u00ab\u2018'].*",
    re.IGNORECASE | re.DOTALL,
)
_INVISIBLE = frozenset({"Cf", "Mn", "Me"})


def is_noise(body: str) -> bool:
    """Nothing to see, or a reaction to a text of ours. Never raises."""
    visible = (one for one in body if unicodedata.category(one) not in _INVISIBLE)
    seen = " ".join("".join(visible).replace("\x00", "").split())
    return not seen or _REACTION.fullmatch(seen) is not None


def is_same(body: str, other: str) -> bool:
    """Is it the same text again, but for spaces and capitals?"""
    return body.casefold().split() == other.casefold().split()
