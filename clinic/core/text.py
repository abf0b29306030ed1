"""Text that people type: cleaned of what no database takes."""

import re
import unicodedata

from clinic.core.errors import Wrong

# Marks that turn the direction of writing: in a name they rewrite the text around it.
TURNS = dict.fromkeys(
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), ""
)  # fmt: skip


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


def _refuse_heaps(value: str) -> None:
    """Normalising sorts the marks of a letter one by one: 100,000 of them took 8 s."""
    marks = 0
    for character in value:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MOST_MARKS:
            raise Wrong("unstorable")


def clean_line(value: str) -> str:
    """The same in one line, for names: whoever reads one in a letter reads only that."""
    return " ".join(clean_text(value).translate(TURNS).split())


UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
