"""Strict reading of JSON: no key twice, no NaN, no NUL, no depth without end."""

import json
import re
from itertools import accumulate
from typing import Any, NoReturn

from flask.json.provider import DefaultJSONProvider

from clinic.core.text import UNSTORABLE

DEEPEST = 20  # lists and objects inside one another
LONGEST_NUMBER = 40  # digits; beyond any amount of anything
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)  # its end may be missing
NO_BRACKETS = re.compile(r"[^\[\]{}]+")
STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


class StrictProvider(DefaultJSONProvider):
    """Reads strictly, whoever asks."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError, which Flask turns into a 400."""
        text = s.decode("utf-8") if isinstance(s, bytes) else s
        _refuse_depth(text)
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
        )
        _refuse_unstorable(value)
        return value


def _refuse_depth(text: str) -> None:
    """Counted before parsing: the parser itself recurses."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    marks = NO_BRACKETS.sub("", STRING.sub("", text))
    if max(accumulate(map(STEPS.__getitem__, marks)), default=0) > DEEPEST:
        raise ValueError("nested too deeply")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _refuse_unstorable(value: Any) -> None:
    """NUL and lone surrogates are database errors further in."""
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise ValueError("a character that cannot be stored")
    elif isinstance(value, list):
        for item in value:
            _refuse_unstorable(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_unstorable(key)
            _refuse_unstorable(item)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("too large a number")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError("too large a number")
    return value
