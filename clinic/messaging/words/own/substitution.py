"""Words that people write, with listed variables in braces: `{doctor}`. Nothing else is read."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

NAMED = re.compile(r"\{([^{}]*)\}")
FIRST = "organisation"
_OF_TEXTS = ("organisation", "day", "time", "doctor", "place", "code", "reply", "link", "phone")
_OF_LETTERS = (*(name for name in _OF_TEXTS if name != "reply"), "zone", "address")
ALL = frozenset({*_OF_TEXTS, *_OF_LETTERS})
_TIME, _LINK = ("day", "time"), ("day", "time", "link")
# What an organisation may word itself, and what such a message never leaves out.
WORDED: dict[str, tuple[str, ...]] = {
    "visit_booked": _LINK,
    "visit_requested": _LINK,
    "visit_reminder": _LINK,
    "visit_rescheduled": _LINK,
    "visit_cancelled": _TIME,
    "visit_not_accepted": _TIME,
    "visit_missed": _TIME,
}
_ASKING = ("visit_booked", "visit_reminder", "visit_rescheduled")
# What is left of a list when one of its parts is empty.
_GAPS = (
    (r"\s+([,.;:!?)])", r"\1"),
    (r",(?:\s*,)+", ","),
    (r",\s*([.;:!?])", r"\1"),
    (r"[ \t]+", " "),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`why`: first, missing, unknown or brace; `name` is the variable, or what stands for one."""

    why: str
    name: str


def variables(template: str, is_letter: bool) -> tuple[str, ...]:
    """What these words may name."""
    names = _OF_LETTERS if is_letter else _OF_TEXTS
    linked = "link" in WORDED[template]
    return tuple(
        name
        for name in names
        if (name != "link" or linked) and (name != "reply" or template in _ASKING)
    )


def fill(words: str, values: Mapping[str, str]) -> str:
    """In one go: what stands in a value is never read again."""
    filled = NAMED.sub(lambda found: values.get(found[1], ""), words)
    for gap, instead in _GAPS:
        filled = re.sub(gap, instead, filled)
    return filled.strip()


def faults(
    words: str, known: Collection[str], wanted: Collection[str], first: str | None = FIRST
) -> Iterator[Fault]:
    """What is wrong with them, the worst first."""
    named = NAMED.findall(words)
    for name in dict.fromkeys(named):
        if name not in known:
            yield Fault("unknown", name)
    if rest := re.search(r"[{}]", NAMED.sub("", words)):
        yield Fault("brace", rest[0])
    if first and not words.startswith(f"{{{first}}}"):
        yield Fault("first", first)
    for name in wanted:
        if name not in named:
            yield Fault("missing", name)
