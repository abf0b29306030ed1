"""What one check says, as data: it is stored, shown and printed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"  # it works, but not for everybody, or not for long
    DANGER = "danger"  # messages are lost, or wait
    UNKNOWN = "unknown"  # nobody here can tell


@dataclass(frozen=True, slots=True)
class Fix:
    """An address that can be set from here: of which thing of the account, what it is, what it
    would be."""

    kind: str  # service, number or whatsapp
    sid: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Check:
    """`words` and `remedy` are msgids of sentences, filled with `values`; `about` is a sender."""

    name: str
    channel: str
    state: State
    words: str
    values: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""
    about: str = ""
    link: str = ""  # where it is mended
    fix: Fix | None = None


def as_data(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """For a column of JSON."""
    return [
        {
            **{name: getattr(one, name) for name in _PLAIN},
            "state": str(one.state),
            "values": dict(one.values),
            "fix": {name: getattr(one.fix, name) for name in _OF_FIX} if one.fix else None,
        }
        for one in checks
    ]


_PLAIN = ("name", "channel", "words", "remedy", "about", "link")
_OF_FIX = ("kind", "sid", "before", "after")


def of_data(stored: Iterable[Mapping[str, Any]]) -> Iterator[Check]:
    for one in stored:
        fix = Fix(**one["fix"]) if one["fix"] else None
        yield Check(**{**one, "state": State(one["state"]), "fix": fix})


def worst(checks: Iterable[Check]) -> State:
    """Of what can be told."""
    states = {one.state for one in checks}
    return next((one for one in (State.DANGER, State.WARNING) if one in states), State.OK)
