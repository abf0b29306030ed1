"""Whoever has a catalogue reads their own language: pages, refusals and days of the week."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask.testing import FlaskClient

from clinic import factory
from clinic.accounts.errors import WeakPassword
from clinic.accounts.models import User
from clinic.accounts.proof import passwords
from clinic.core import saying
from clinic.core.data.db import db
from clinic.core.web import problems
from tests.cast import TODAY, Cast, Person
from tests.conftest import client_of, settings_for
from tests.pages import soup, text_of

GERMAN = {
    "Log in": "Anmelden",
    "That email and password do not match.": "E-Mail und Passwort passen nicht zusammen.",
    "We could not find that page": "Diese Seite gibt es nicht",
    "Please try again in a moment": "Bitte gleich noch einmal",
    "Use %(least)s to %(most)s characters.": "Bitte %(least)s bis %(most)s Zeichen.",
    "Since %(since)s. Last seen %(seen)s.": "Seit %(since)s. Zuletzt %(seen)s.",
    "Administrator": "Verwaltung",
    "Users": "Konten",
    "Enter your email address": "Bitte die E-Mail-Adresse eingeben",
    ("%(num)s doctor found", "%(num)s doctors found"): ("%(num)s Praxis", "%(num)s Praxen"),
}
ASKS_GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of catalogues with a small German one, where the product looks for its own."""
    catalogue = Catalog(locale="de")
    for words, said in GERMAN.items():
        catalogue.add(words, said)
    folder = tmp_path / "translations/de/LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(factory, "TRANSLATIONS", tmp_path / "translations")
    return tmp_path


@pytest.fixture
def bilingual(app: Flask, german: Path) -> Flask:
    """The product with that catalogue, on a database of its own."""
    shutil.copy(app.config["SETTINGS"].clinic_data_dir / "template.db", german / "clinic.db")
    other = factory.create_app(settings_for(german))
    other.config["WTF_CSRF_ENABLED"] = False
    return other


def speaking(app: Flask, person: Person, language: str) -> FlaskClient:
    with app.app_context():
        db.session.execute(
            sa.update(User).where(User.id == person.user_id).values(language=language)
        )
        db.session.commit()
    return client_of(app, person)


def test_a_visitor_reads_what_the_browser_asks_for(bilingual: Flask) -> None:
    page = bilingual.test_client().get("/login", headers=ASKS_GERMAN)
    assert soup(page).h1.get_text() == "Anmelden"
    assert soup(page).html["lang"] == "de"


def test_without_a_catalogue_it_stays_english(bilingual: Flask, app: Flask) -> None:
    for product, asked in ((bilingual, "fr, it"), (app, "de")):
        page = product.test_client().get("/login", headers={"Accept-Language": asked})
        assert soup(page).h1.get_text() == "Log in"
        assert soup(page).html["lang"] == "en"


def test_english_before_german_is_english(bilingual: Flask) -> None:
    page = bilingual.test_client().get("/login", headers={"Accept-Language": "en-GB, de;q=0.8"})
    assert soup(page).h1.get_text() == "Log in"


def test_ones_own_language_counts_more_than_the_browsers(bilingual: Flask, cast: Cast) -> None:
    asha, bela = speaking(bilingual, cast.asha, "de"), speaking(bilingual, cast.bela, "en")
    assert soup(asha.get("/")).html["lang"] == "de"
    assert soup(bela.get("/", headers=ASKS_GERMAN)).html["lang"] == "en"


def test_without_a_regions_catalogue_the_plain_one_will_do(bilingual: Flask, cast: Cast) -> None:
    page = speaking(bilingual, cast.asha, "de-AT").get("/")
    assert soup(page).html["lang"] == "de"


def test_a_page_is_in_it_with_its_days_roles_and_navigation(bilingual: Flask, cast: Cast) -> None:
    page = text_of(speaking(bilingual, cast.amir, "de").get("/account/security"))
    assert "Seit Mo., 16. Nov., 06:30. Zuletzt Mo., 16. Nov., 06:30." in page
    assert "Verwaltung" in page
    assert "Konten" in page


def test_plurals_follow_the_language(bilingual: Flask) -> None:
    assert "Praxen" in text_of(bilingual.test_client().get("/", headers=ASKS_GERMAN))


def test_what_a_form_refuses_is_said_in_it(bilingual: Flask) -> None:
    """The words of forms are made before anybody is known, and said when they are read."""
    visitor = bilingual.test_client()
    page = visitor.post("/login", data={"password": "x"}, headers=ASKS_GERMAN)
    assert "Bitte die E-Mail-Adresse eingeben" in text_of(page)
    again = visitor.post("/login", data={"password": "x"})
    assert "Enter your email address" in text_of(again)


def test_errors_are_said_in_it_as_page_toast_and_problem(bilingual: Flask) -> None:
    visitor = bilingual.test_client()
    page = visitor.get("/nowhere", headers=ASKS_GERMAN)
    assert (page.status_code, soup(page).h1.get_text()) == (404, "Diese Seite gibt es nicht")
    assert soup(page).html["lang"] == "de"
    wrong = {"email": "nobody@example.org", "password": "wrong"}
    problem = visitor.post("/api/v1/auth/login", json=wrong, headers=ASKS_GERMAN).get_json()
    assert problem["detail"] == GERMAN["That email and password do not match."]


def test_values_find_their_gaps(bilingual: Flask) -> None:
    with bilingual.test_request_context(headers=ASKS_GERMAN):
        with pytest.raises(WeakPassword) as refused:
            passwords.refuse_weak("short")
        assert problems.said(refused.value) == "Bitte 8 bis 128 Zeichen."
        assert problems.entries_of(refused.value)[0]["message"] == "Bitte 8 bis 128 Zeichen."


def test_days_are_said_in_it(bilingual: Flask) -> None:
    with bilingual.test_request_context(headers=ASKS_GERMAN):
        assert saying.whole_day(TODAY, TODAY.year) == "Montag, 16. November"
        assert (saying.weekday(TODAY), saying.month(TODAY)) == ("Mo.", "Nov.")
        assert saying.spoken(["hi"]) == "Hindi"
        assert saying.country("IN") == "Indien"
    with bilingual.test_request_context():
        assert saying.whole_day(TODAY, TODAY.year) == "Monday 16 November"


def test_where_nobody_reads_it_is_english(bilingual: Flask) -> None:
    with bilingual.app_context():
        assert saying.whole_day(TODAY, TODAY.year) == "Monday 16 November"


def test_without_its_database_the_page_that_says_so_still_speaks(
    german: Path, tmp_path: Path
) -> None:
    away = factory.create_app(
        settings_for(tmp_path, f"postgresql+psycopg://postgres@/clinic?host={tmp_path}")
    )
    visitor = away.test_client()
    with visitor.session_transaction() as cookie:
        cookie["_user_id"] = "somebody"
    page = visitor.get("/account/", headers=ASKS_GERMAN)
    assert page.status_code == 503
    assert soup(page).h1.get_text() == "Bitte gleich noch einmal"


def test_a_person_who_cannot_be_looked_up_reads_what_the_browser_asks_for(
    bilingual: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_token: str) -> None:
        raise RuntimeError

    monkeypatch.setattr("clinic.accounts.sessions.browsers.load", fail)
    visitor = bilingual.test_client()
    with visitor.session_transaction() as cookie:
        cookie["_user_id"] = "somebody"
    page = visitor.get("/account/", headers=ASKS_GERMAN)
    assert page.status_code == 500
    assert soup(page).html["lang"] == "de"
