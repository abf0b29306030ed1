"""What is typed at a desk, taken apart."""

from datetime import date
from types import SimpleNamespace

import pytest
from babel import Locale
from flask import g

from clinic.core import saying
from clinic.patients.people.typed import Typed, day_in, read

BORN = date(1988, 5, 17)


def typed(text: str, country: str = "GB") -> Typed:
    found = read(text, lambda: country)
    assert found
    return found


@pytest.mark.parametrize(
    "text",
    [
        "17 May 1988", "17th of May 1988", "17 may 88", "May 17, 1988", "17-May-1988", "17/05/1988",
        "17.5.1988", "17-05-88", "1988-05-17", "1988/5/17", "17 05 1988",
    ],
)  # fmt: skip
def test_a_day_is_read(text):
    assert typed(text).born == BORN
    assert typed(f"Ellison {text}").words == ("ellison",)
    assert day_in(text, "GB") == BORN


@pytest.mark.parametrize(
    ("text", "country", "born"),
    [
        ("05/06/1988", "GB", date(1988, 6, 5)), ("05/06/1988", "US", date(1988, 5, 6)),
        ("05/17/1988", "GB", BORN), ("17/05/1988", "US", BORN),
        ("17/05/25", "GB", date(2025, 5, 17)),
        ("31/02/1988", "GB", None), ("1988", "GB", None), ("17 May", "GB", None),
    ],
)  # fmt: skip
def test_a_day_is_read_in_the_order_of_the_country(text, country, born):
    assert typed(text, country).born == born


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("17 mai 1988", "fr"), ("17. Mai 1988", "de"), ("17 de mayo de 1988", "es"),
        ("17 maja 1988", "pl"), ("17. kv\u011btna 1988", "cs"), ("17 kv\u011bten 1988", "cs"),
        ("17 \u043c\u0430\u044f 1988", "ru"), ("17 \u043c\u0430\u0439 1988", "ru"),
        ("17 \u092e\u0908 1988", "hi"), ("17 de maio de 1988", "pt-BR"), ("mai 17, 1988", "fr"),
        ("17 May 1988", "fr"), ("17/05/1988", "de"), ("MAI 17 1988", "de"),
    ],
)  # fmt: skip
def test_a_month_is_read_in_the_language_of_who_types_it(app, text, language):
    with app.test_request_context():
        g._login_user = SimpleNamespace(language=language)
        assert day_in(text, "GB") == BORN
        assert typed(f"Ellison {text}").words == ("ellison",)


def test_months_of_other_languages_are_words(app):
    with app.test_request_context():
        g._login_user = SimpleNamespace(language="de")
        for text in ("17 maja 1988", "17 Smith 1988", "17 xx 1988"):
            assert day_in(text, "GB") is None
        assert day_in("17 m\u00e4rz 1988", "GB") == date(1988, 3, 17)


def test_names_of_months_change_nothing_that_is_said():
    """Babel writes into what it has when it is asked for names that stand alone."""
    before = [list(Locale(one).months["format"]["wide"].values()) for one in ("da", "tr", "cs")]
    for language in ("cs", "ja", "zh", "da", "tr"):
        assert saying.month_of("x", [language]) is None
    after = [list(Locale(one).months["format"]["wide"].values()) for one in ("da", "tr", "cs")]
    assert after == before
    assert saying.month_of("leden", ["zz", "cs"]) == 1
    assert saying.month_of("Ocak", ["tr"]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "+447400100001", "07400 100001", "07400100001", "00447400100001", "(07400) 100001",
        "+44 (0)7400 100001", "0044 7400 100001", "07400-100-001", "07400.100.001",
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_typed(text):
    found = typed(text)
    assert found.phone == "+447400100001"
    assert (found.words, found.born) == ((), None)


@pytest.mark.parametrize(
    ("text", "digits"), [("07400 10", "740010"), ("0001", "1"), ("100 001", "100001"), ("12", "")]
)
def test_a_part_of_a_number_will_do(text, digits):
    assert typed(text).digits == digits


def test_parts_narrow_together():
    found = typed("Ellison, maya 17 May 1988 07700 900960 asha@example.org")
    assert found.words == ("ellison", "maya")
    assert (found.born, found.phone, found.email) == (BORN, "+447700900960", "asha@example.org")


@pytest.mark.parametrize("text", ["", " a ", "a\x00b"])
def test_too_little_is_nothing(text):
    assert read(text, lambda: "GB") is None


def test_the_country_is_asked_for_digits_alone():
    assert read("maya", lambda: pytest.fail("asked"))
