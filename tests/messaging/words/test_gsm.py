"""What a text costs, at and around each limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.messaging.words.gsm import fits, is_gsm7, parts, shorten, units

SMILE = "\U0001f642"  # two UTF-16 units
HINDI = "\u0915\u094d\u0937\u093f"  # one syllable of four characters

COSTS = [
    # text, GSM, units, parts, fits
    ("", True, 0, 0, True),
    ("a", True, 1, 1, True),
    ("a" * 160, True, 160, 1, True),
    ("a" * 161, True, 161, 2, False),
    ("a" * 306, True, 306, 2, False),
    ("a" * 307, True, 307, 3, False),
    ("\u20ac", True, 2, 1, True),
    ("\u20ac" * 80, True, 160, 1, True),
    ("\u20ac" * 80 + "a", True, 161, 2, False),
    # 153 septets leave no room for half a euro sign: 76 of them in each part
    ("\u20ac" * 152, True, 304, 2, False),
    ("\u20ac" * 153, True, 306, 3, False),
    ("[{|}]^~\\", True, 16, 1, True),
    ("\u00e0\u00e9\u00f1\u00a1\u00bf\u0394\u03a9 @\n", True, 10, 1, True),
    ("\u00e7", False, 1, 1, True),  # only the capital C with a cedilla is in the alphabet
    ("`", False, 1, 1, True),
    ("\t", False, 1, 1, True),
    ("Mary\u2019s", False, 6, 1, True),
    ("\u2026", False, 1, 1, True),
    ("\u044f" * 70, False, 70, 1, True),
    ("\u044f" * 71, False, 71, 2, True),
    ("\u044f" * 134, False, 134, 2, True),
    ("\u044f" * 135, False, 135, 3, False),
    ("a" * 69 + "\u044f", False, 70, 1, True),
    ("a" * 159 + "\u044f", False, 160, 3, False),
    (SMILE, False, 2, 1, True),
    (SMILE * 35, False, 70, 1, True),
    (SMILE * 36, False, 72, 2, True),
    # 67 units hold 33 pairs, so that 134 units of pairs take three parts
    (SMILE * 66, False, 132, 2, True),
    (SMILE * 67, False, 134, 3, False),
    ("\ud800", False, 1, 1, True),
]

SHORTER = [
    ("St Mary", 20, "St Mary"),
    ("  St Mary  ", 7, "St Mary"),
    ("St Mary General Hospital", 20, "St Mary General..."),
    ("St Mary General Hospital", 21, "St Mary General..."),
    ("Llanfairpwllgwyngyll", 10, "Llanfai..."),
    ("A Llanfairpwllgwyngyll", 12, "A Llanfai..."),  # a word's end here would keep too little
    ("St Mary, General", 14, "St Mary..."),
    ("St Mary General", 6, "St Mar"),  # no room for dots
    ("St Mary", 0, ""),
    ("St Mary", -1, ""),
    ("", 5, ""),
    ("\u20ac" * 10, 11, "\u20ac" * 4 + "..."),
    (SMILE * 5, 7, SMILE * 2 + "..."),
    (SMILE * 5, 3, SMILE),
    (SMILE, 1, ""),
    (HINDI * 3, 8, HINDI + "..."),
    ("\U0001f44d\U0001f3fd" * 2, 7, "\U0001f44d\U0001f3fd..."),
    ("\U0001f469\u200d\u2695\ufe0f" * 2, 8, "\U0001f469\u200d\u2695\ufe0f..."),
    ("e\u0301" * 6, 8, "e\u0301" * 2 + "..."),
]


@pytest.mark.parametrize(("text", "gsm", "size", "count", "enough"), COSTS)
def test_what_a_text_costs(text: str, gsm: bool, size: int, count: int, enough: bool) -> None:
    assert (is_gsm7(text), units(text), parts(text), fits(text)) == (gsm, size, count, enough)


@pytest.mark.parametrize(("text", "limit", "shorter"), SHORTER)
def test_a_name_is_shortened_between_words_and_never_inside_a_character(
    text: str, limit: int, shorter: str
) -> None:
    assert shorten(text, limit) == shorter


@given(st.text(alphabet="a \u20ac\u044f\U0001f642\u0301\u200d,", max_size=60), st.integers(-2, 80))
def test_what_was_shortened_is_within_the_limit(text: str, limit: int) -> None:
    assert units(shorten(text, limit)) <= max(limit, 0)
    assert units(text.strip()) > limit or shorten(text, limit) == text.strip()


@given(st.text(max_size=200))
def test_what_fits_is_billed_as_one_part_or_as_two_in_other_scripts(text: str) -> None:
    assert fits(text) == (parts(text) <= (1 if is_gsm7(text) else 2))
    assert not fits(text) or units(text) <= (160 if is_gsm7(text) else 134)
