"""What people read can be translated: it is marked, and the catalogue knows it."""

from babel.messages.pofile import read_po

from clinic.config import ROOT
from tools import messages


def test_the_catalogue_knows_every_word() -> None:
    """After other words: `make messages`."""
    with (ROOT / messages.CATALOGUE).open("rb") as file:
        written = read_po(file)
    assert {one.id for one in written} == {one.id for one in messages.gathered(ROOT)}


def test_templates_and_code_are_both_gathered() -> None:
    found = messages.gathered(ROOT)
    assert "Log in" in found
    assert "We could not find that page" in found
    assert ("%(num)s doctor found", "%(num)s doctors found") in {one.id for one in found}
