"""Names as they are looked for and compared."""

import importlib.util

import pytest

from clinic.config import ROOT
from clinic.core.text import fold, respelt

CASES = [
    ("Maya Ellison", "maya ellison"),
    ("  Maya\u00a0 Ellison ", "maya ellison"),
    ("M\u00fcller", "muller"), ("Mu\u0308ller", "muller"), ("Zo\u00eb", "zoe"),
    ("\u0141ukasz", "lukasz"), ("S\u00f8ren", "soren"), ("Gu\u00f0r\u00fan", "gudrun"),
    ("\u0110or\u0111evi\u0107", "dordevic"), ("I\u015f\u0131k", "isik"), ("\u0130pek", "ipek"),
    ("Stra\u00dfe", "strasse"), ("\u00c6sa", "aesa"), ("\u00deora", "thora"),
    ("O'Brien", "obrien"), ("O\u2019Brien", "obrien"), ("O\u02bcBrien", "obrien"),
    ("O\u00b4Brien", "obrien"), ("Ng\u00f4 \u0110\u00ecnh", "ngo dinh"),
    ("Anne-Marie", "anne marie"), ("Anne\u2013Marie", "anne marie"),
    ("Ellison, Maya", "ellison maya"),
    ("\uff2d\uff41\uff59\uff41", "maya"), ("Ma\u00adya", "maya"),
    ("\u738b\u5c0f\u660e", "\u738b\u5c0f\u660e"),
    ("\u0395\u03bb\u03ad\u03bd\u03b7", "\u03b5\u03bb\u03b5\u03bd\u03b7"), ("%", ""), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "folded"), CASES)
def test_a_name_is_folded(name: str, folded: str) -> None:
    assert fold(name) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("mueller", "muller"), ("jaeger", "jager"), ("koenig", "konig"), ("boehm", "bohm"),
        ("soerensen", "sorensen"), ("muller", None), ("", None), ("zoe", None), ("sue", None),
        ("rae", None), ("mu", None), ("lee", None),
    ],
)  # fmt: skip
def test_two_letters_may_stand_for_one(typed: str, other: str | None) -> None:
    assert respelt(typed) == other


@pytest.mark.parametrize("name", [name for name, _ in CASES])
@pytest.mark.parametrize("file", ["0018_names_are_folded", "0023_names_of_doctors_are_folded"])
def test_rows_that_were_there_are_folded_alike(name: str, file: str) -> None:
    path = ROOT / f"migrations/versions/{file}.py"
    spec = importlib.util.spec_from_file_location("folding", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module._fold(name) == fold(name)
