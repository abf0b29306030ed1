"""Text that people type: cleaned of what no database takes."""

import re
import unicodedata

from clinic.core.errors import Wrong

# What nobody sees, and marks that turn the direction of writing: two names that look the same would
# be two, and a mark rewrites the text around the name.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# These two part and join letters where Persian and the scripts of India are written.
_IN_SCRIPT = "[\u0620-\u06ff\u0750-\u0dff]"
_LOST_JOINER = re.compile(f"(?<!{_IN_SCRIPT})[\u200c\u200d]|[\u200c\u200d](?!{_IN_SCRIPT})")


# Marks on one letter, as Unicode's "stream-safe text" has them; languages need three or four.
MOST_MARKS = 30


def clean_text(value: str) -> str:
    """NFC without outer spaces. Raises Wrong on NUL, control characters, lone surrogates, and on
    a heap of marks on one letter."""
    if not value.isascii():
        _refuse_heaps(value)
    value = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    for character in value:
        category = unicodedata.category(character)
        if category in ("Cs", "Co") or (category == "Cc" and character not in "\n\t"):
            raise Wrong("unstorable")
    return value


def said_once(*parts: str | None) -> str:
    """`Harbour Clinic, 14 Quay Street`: a place that is named like its clinic is not said twice."""
    said: dict[str, str] = {}
    for part in filter(None, parts):
        said.setdefault(" ".join(part.casefold().split()), part)
    return ", ".join(said.values())


def _refuse_heaps(value: str) -> None:
    """Normalising sorts the marks of a letter one by one: 100,000 of them took 8 s."""
    marks = 0
    for character in value:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MOST_MARKS:
            raise Wrong("unstorable")


def clean_line(value: str) -> str:
    """The same in one line, for names: whoever reads one in a letter reads only that."""
    return " ".join(clean_text(_visible(value)).split())


def _visible(value: str) -> str:
    """Before anything is normalised: a mark may stand behind what goes."""
    if value.isascii():
        return value
    return _LOST_JOINER.sub("", _INVISIBLE.sub("", value))


# Letters that no normal form takes apart, as people without them on the keyboard write them.
_PLAIN = str.maketrans(
    {
        "\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u00f0": "d", "\u0131": "i", "\u0127": "h",
        "\u0167": "t", "\u00fe": "th", "\u00e6": "ae", "\u0153": "oe", "\u0259": "e", "\u014b": "n",
    }
)  # fmt: skip
# Apostrophes by whatever name, accents that stand for one, and the dot within a Catalan double l.
_DROPPED = dict.fromkeys(
    map(ord, "'\u2018\u2019\u201b\u02bb\u02bc\u02b9\u2032\uff07`\u00b4\u00b7"), ""
)


def fold(text: str) -> str:
    """`O'Brien-\u0141ukasz` is `obrien lukasz`: a name as it is looked for and compared.

    The one folding of names: search, the warning of duplicates and lists brought in share it.
    """
    if text.isascii():
        return _spaced(text.translate(_DROPPED).casefold())
    bare = unicodedata.normalize("NFKD", text.translate(_DROPPED)).casefold()
    letters = (
        one
        for one in unicodedata.normalize("NFKD", bare)
        if not unicodedata.combining(one) and unicodedata.category(one) != "Cf"
    )
    joined = unicodedata.normalize("NFC", "".join(letters))
    return _spaced(joined.translate(_DROPPED).translate(_PLAIN))


_TWO_FOR_ONE = re.compile("(?<=[aou])e")
_SHORTEST_RESPELT = 4  # letters: else Zoe would be anybody with a "zo"


def respelt(folded: str) -> str | None:
    """`muller` for `mueller`: two letters that may be written for one with dots or a stroke.

    None where there are none. Of what is looked for, never of what is kept: Manuel stays Manuel.
    """
    short = _TWO_FOR_ONE.sub("", folded)
    return short if short != folded and len(short) >= _SHORTEST_RESPELT else None


def _spaced(text: str) -> str:
    """Dashes, commas and full stops part words as spaces do."""
    parted = (" " if unicodedata.category(one)[0] in "PZC" else one for one in text)
    return " ".join("".join(parted).split())


UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
