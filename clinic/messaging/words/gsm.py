"""How many parts a text costs: 7-bit GSM 03.38 while every character is in it, else UCS-2."""

import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # each is sent as an escape and a letter
_GSM = _BASIC | _EXTENDED
_GSM_ALONE, _GSM_IN_PARTS = 160, 153
_UCS_ALONE, _UCS_IN_PARTS = 70, 67
_MOST_UCS_PARTS = 2
_DOTS = "..."  # the one character for it would turn the whole text into UCS-2
_JOINER = "\u200d"
_VIRAMA = 9  # the combining class of signs that join two letters of an Indian script


def is_gsm7(text: str) -> bool:
    return _GSM.issuperset(text)


def units(text: str) -> int:
    """Septets of a GSM text, else UTF-16 units: what the limits of a part count."""
    return sum(_sizes(text))


def parts(text: str) -> int:
    """How many messages the carrier sends and bills; 0 for an empty text."""
    sizes = _sizes(text)
    alone, in_parts = (_GSM_ALONE, _GSM_IN_PARTS) if is_gsm7(text) else (_UCS_ALONE, _UCS_IN_PARTS)
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    count, left = 1, in_parts
    for size in sizes:
        if size > left:  # a pair of units is never torn apart: its part ends one unit early
            count, left = count + 1, in_parts
        left -= size
    return count


def fits(text: str) -> bool:
    """At most 160 GSM septets, or two parts of UCS-2 (134 units)."""
    if is_gsm7(text):  # each text is asked: to count the few escapes is enough
        return len(text) + sum(map(text.count, _EXTENDED)) <= _GSM_ALONE
    return parts(text) <= _MOST_UCS_PARTS


def shorten(text: str, limit: int) -> str:
    """The text in at most `limit` units, cut between words where that keeps half, then `...`."""
    text = text.strip()
    if units(text) <= limit:
        return text
    dots = _DOTS if limit > 2 * len(_DOTS) else ""
    for end in range(min(len(text), limit), 0, -1):
        kept = _whole_words(text, end).rstrip(" ,;:.-\n\t") if _may_cut(text, end) else ""
        # Measured each time: without its one foreign letter a text becomes GSM and may grow.
        if kept and units(kept + dots) <= limit:
            return kept + dots
    return ""


def _sizes(text: str) -> list[int]:
    if is_gsm7(text):
        if _EXTENDED.isdisjoint(text):
            return [1] * len(text)
        return [2 if character in _EXTENDED else 1 for character in text]
    return [2 if ord(character) > 0xFFFF else 1 for character in text]


def _may_cut(text: str, end: int) -> bool:
    """False inside of what people see as one character."""
    before, after = text[end - 1 : end], text[end : end + 1]
    if not before or not after:
        return True
    joined = before == _JOINER or unicodedata.combining(before) == _VIRAMA
    is_mark = unicodedata.category(after).startswith("M") or after == _JOINER
    is_skin_tone = "\U0001f3fb" <= after <= "\U0001f3ff"
    return not (joined or is_mark or is_skin_tone)


def _whole_words(text: str, end: int) -> str:
    if text[end : end + 1].isspace():
        return text[:end]
    last_space = text.rfind(" ", 0, end)
    return text[:last_space] if last_space * 2 >= end else text[:end]
