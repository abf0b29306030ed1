"""Gather all words of the product into the catalogue that translators begin with.

`python tools/messages.py` writes clinic/translations/messages.pot, whose English is complete: it is
what the code says. Then it tells how many words there are, and how many sentences nothing marks.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from clinic import __version__  # noqa: E402 - runs as a script, from anywhere
from tools import sentences  # noqa: E402 - runs as a script, from anywhere

CATALOGUE = "clinic/translations/messages.pot"
METHODS = {
    "clinic": [("**.py", "python")],
    "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")],
}
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "_l", "N_", "gettext", "lazy_gettext")),
    "ngettext": (1, 2),
}
HEADER = """\
# The words of the product as the code says them, for `pybabel init` of another language.
# Written by `make messages`.
#"""
WHEN = datetime(2026, 1, 1, tzinfo=UTC)  # always the same: only other words change the file


def gathered(root: Path) -> Catalog:
    """Every marked string of the tree below `root`, with the files that say it."""
    catalogue = Catalog(
        project="clinic",
        version=__version__,
        header_comment=HEADER,
        creation_date=WHEN,
        charset="utf-8",
        fuzzy=False,
    )
    for folder, methods in METHODS.items():
        found = extract_from_dir(root / folder, methods, keywords=KEYWORDS)
        for path, _, words, _, context in found:
            catalogue.add(words, locations=[(f"{folder}/{path}", 0)], context=context)
    return catalogue


def as_file(catalogue: Catalog) -> bytes:
    """Without the numbers of lines, which every change moves."""
    written = io.BytesIO()
    write_po(written, catalogue, width=100, sort_by_file=True, include_lineno=False)
    return written.getvalue()


if __name__ == "__main__":
    catalogue = gathered(ROOT)
    (ROOT / CATALOGUE).write_bytes(as_file(catalogue))
    missing = sum(1 for _ in sentences.unmarked(ROOT))
    sys.stdout.write(f"{len(catalogue)} strings in {CATALOGUE}, {missing} sentences not marked\n")
