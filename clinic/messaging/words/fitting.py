"""What of a text gives way until it is one text: titles first, then names, at last the question.

A time and a link never do.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from clinic.messaging.words import gsm

SHORTER = (30, 24, 18, 16, 14, 13, 12, 11, 10, 8, 7)  # characters
MOST_OF_PLACE = 16  # of a text; a letter says all of it
_TITLES = frozenset(
    {"dr", "doctor", "dra", "drs", "prof", "professor", "med", "mr", "mrs", "ms", "miss", "nurse"}
)
# One after the other, each with what was left out before: the place is where to go.
_LEFT_OUT = ((), ("doctor",), ("doctor", "place"))


def beside(names: Mapping[str, Any]) -> dict[str, str]:
    """`with_whom` and `where`, as they follow a time: `, Dr Chandra Iyer` and `, Quay Street`.

    A place that is named like the organisation has been said with it.
    """
    doctor, place = (str(names.get(name) or "") for name in ("doctor", "place"))
    is_said = place.casefold() == str(names.get("organisation") or "").casefold()
    return {
        "with_whom": f", {doctor}" if doctor else "",
        "where": f", {place}" if place and not is_said else "",
    }


def tries(values: Mapping[str, Any], may_shorten: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The values of a text, shorter each time. The first ones suit nearly all."""
    names = {name: str(values[name]) for name in may_shorten if values.get(name)}
    if values.get("where") == "":  # before it is cut
        names["place"] = ""
    place = names.get("place", "")
    if len(place) > MOST_OF_PLACE:
        names["place"] = gsm.shorten(place, MOST_OF_PLACE)
    yield _with(values, names)
    if names.get("doctor"):
        names["doctor"] = without_titles(names["doctor"])
        yield _with(values, names)
    for left_out in _LEFT_OUT:
        kept = {name: "" if name in left_out else said for name, said in names.items()}
        for most in SHORTER:
            yield _with(values, {name: gsm.shorten(said, most) for name, said in kept.items()})
    # The link says all that is left out here, and asks as well.
    for most in SHORTER:
        short = {name: gsm.shorten(said, most) for name, said in names.items()}
        yield _with(values, short) | {"asks": False}
    yield _with(values, {name: "" for name in names} | {"organisation": ""}) | {"asks": False}


def without_titles(name: str) -> str:
    """`Prof. Dr Chandra Iyer` is `Chandra Iyer`; who is called `Sister` alone stays so."""
    words = name.split()
    while len(words) > 1 and words[0].rstrip(".").casefold() in _TITLES:
        words.pop(0)
    return " ".join(words)


def _with(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    said = {**values, **names}
    return said | beside(said)
