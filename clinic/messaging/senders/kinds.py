"""The kinds of senders, and what each is able to: pure, over how its value is written."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`rate` is in messages a second. A `shown` value is looked up at the provider; to others a
    code is sent."""

    channel: str
    written: re.Pattern[str]
    rate: float
    can_reply: bool = True
    is_looked_up: bool = False


_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
KINDS = {
    "long_code": Kind("sms", _E164, 1),
    "toll_free": Kind("sms", re.compile(r"\+18(00|88|77|66|55|44|33)[0-9]{7}"), 3),
    "short_code": Kind("sms", re.compile(r"[1-9][0-9]{2,7}"), 100, is_looked_up=True),
    "alphanumeric": Kind(
        "sms",
        re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}"),
        10,
        can_reply=False,
        is_looked_up=True,
    ),
    "messaging_service": Kind("sms", re.compile(r"MG[0-9a-f]{32}"), 80, is_looked_up=True),
    "whatsapp": Kind("whatsapp", _E164, 80),
    "email": Kind("email", re.compile(r"[^@\s]+@[^@\s]+"), 80),
}
MOST_A_SECOND = 1_000
_IN_ORDER = ("messaging_service", "toll_free", "long_code", "short_code", "email", "alphanumeric")


def kind_of(value: str, channel: str | None) -> str | None:
    """What a value is, as it is written; None if it is nothing."""
    if channel == "whatsapp":
        return "whatsapp"
    fits = (name for name in _IN_ORDER if KINDS[name].written.fullmatch(value))
    return next((name for name in fits if channel in (None, KINDS[name].channel)), None)
