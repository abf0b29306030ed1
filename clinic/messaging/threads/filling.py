"""What stands for `{name}`, `{clinic}`, `{phone}` and `{link}` in the words of a reply."""

import re
from collections.abc import Mapping

from clinic.messaging.words.rendering import Placeholder

GAPS = ("name", "clinic", "phone", "link")
_GAP = re.compile(r"\{(" + "|".join(GAPS) + r")\}")


def missing(text: str, values: Mapping[str, str]) -> list[str]:
    """The gaps that there is nothing for."""
    return [gap for gap in dict.fromkeys(_GAP.findall(text)) if not values.get(gap)]


def filled(text: str, values: Mapping[str, str]) -> Placeholder:
    """Only the link among the values is one of our own: braces that people typed are none."""
    parts, end = [], 0
    for gap in _GAP.finditer(text):
        value = values[gap[1]]
        parts += [_plain(text[end : gap.start()]), value if gap[1] == "link" else _plain(value)]
        end = gap.end()
    return Placeholder("".join([*parts, _plain(text[end:])]))


def suggested(text: str, values: Mapping[str, str]) -> str:
    """For the box in which it can still be changed: all but the link, and what is not known."""
    known = {name: value for name, value in values.items() if value and name != "link"}
    return _GAP.sub(lambda gap: known.get(gap[1], gap[0]), text)


def _plain(typed: str) -> str:
    return typed.replace("{", "(").replace("}", ")")
