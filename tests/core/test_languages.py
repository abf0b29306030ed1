"""Languages: one list of codes, named in the reader's language or each in its own."""

import pytest
from babel import Locale
from flask_babel import force_locale

from clinic.accounts.models import User
from clinic.core import saying
from clinic.core.languages import LANGUAGES
from clinic.doctors.models import DoctorLanguage
from tests.cast import TODAY

IN_ENGLISH = (
    "Amharic Arabic Bulgarian Bengali Czech Welsh Danish German Greek English Spanish Persian "
    "Finnish French Irish Gujarati Hebrew Hindi Croatian Hungarian Indonesian Italian Japanese "
    "Kannada Korean Lithuanian Malayalam Marathi Malay Nepali Dutch Norwegian Punjabi Polish "
    "Pashto Portuguese Romanian Russian Sinhala Slovak Somali Albanian Serbian Swedish Swahili "
    "Tamil Telugu Thai Tigrinya Tagalog Turkish Ukrainian Urdu Vietnamese Yoruba Chinese "
)


def test_each_is_written_in_its_own_words_as_babel_knows_them():
    own = dict(LANGUAGES)
    assert own.pop("tl") == "Tagalog"  # the CLDR has Filipino instead
    for code, name in own.items():
        assert (code, name.casefold()) == (code, Locale(code).get_display_name().casefold())
        assert name[:1] == name[:1].upper()


def test_every_language_is_known_by_its_code_and_its_english_name():
    assert sorted(name for _, name in saying.languages()) == sorted(IN_ENGLISH.split())
    for code, name in saying.languages():
        assert saying.spoken([code]) == name
        for text in (code, code.upper(), name, f" {name.upper()} "):
            assert saying.language_code(text) == code
        assert len(code) <= min(User.language.type.length, DoctorLanguage.language.type.length)


@pytest.mark.parametrize("text", ["", " ", "xx", "klingon", "en-GB", "\x00"])
def test_what_is_no_language_has_no_code(text):
    assert saying.language_code(text) is None


def test_they_are_named_and_ordered_in_the_readers_language(in_app):
    with force_locale("de"):
        assert saying.spoken(["hi"]) == "Hindi"
        assert saying.spoken(["el"]) == "Griechisch"
        names = [name for _, name in saying.languages()]
        assert names == sorted(names, key=str.casefold)
        assert saying.language_code("Greek") == "el"
    assert saying.spoken(["el"]) == "Greek"


def test_the_directory_offers_and_finds_what_doctors_may_speak(client, cast):
    page = client.get("/").text
    offered = [name for code, name in saying.languages() if f'<option value="{code}">' in page]
    assert "English" in offered
    assert len(offered) < len(list(saying.languages()))  # only what one of them speaks
    for text in ("en", "English", "ENGLISH"):
        assert "Chandra" in client.get("/", query_string={"language": text}).text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ru", ("пн, 16 нояб.", "понедельник, 16 ноября", "пн", "нояб.")),
        ("sw", ("Jumatatu, 16 Nov", "Jumatatu, 16 Novemba", "Jumatatu", "Nov")),
        ("pl", ("pon., 16 lis", "poniedziałek, 16 listopada", "pon.", "lis")),
    ],
)
def test_days_are_said_in_one_language_whatever_was_said_before(in_app, code, said):
    for before in (*LANGUAGES, code):
        with force_locale(before):
            words = (
                saying.day(TODAY, 2026),
                saying.whole_day(TODAY, 2026),
                saying.weekday(TODAY),
                saying.month(TODAY),
            )
            assert all((*words, saying.day(TODAY, 2025), saying.day_and_month(TODAY)))
    assert words == said
