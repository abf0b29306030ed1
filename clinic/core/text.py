"""Text that people type: cleaned of what no database takes."""

import re
import unicodedata

from clinic.core.errors import Wrong

# Marks that turn the direction of writing: in a name they rewrite the text around it.
TURNS = dict.fromkeys(
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), ""
)  # fmt: skip


def clean_text(value: str) -> str:
    """NFC without outer spaces. Raises Wrong on NUL, control characters, lone surrogates."""
    value = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    for character in value:
        category = unicodedata.category(character)
        if category in ("Cs", "Co") or (category == "Cc" and character not in "\n\t"):
            raise Wrong("unstorable")
    return value


def clean_line(value: str) -> str:
    """The same in one line, for names: whoever reads one in a letter reads only that."""
    return " ".join(clean_text(value).translate(TURNS).split())


UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
