"""The page of a place."""

import re

import pytest

from tests.factories import book, scheduled
from tests.pages import fields, is_whole_page, soup, text_of

SETTINGS = "/admin/settings"


@pytest.fixture
def amir(signed_in, cast):
    return signed_in(cast.amir)


@pytest.fixture
def url(cast):
    return f"/admin/organisations/{cast.harbour}/locations/{cast.quay_street}"


def test_the_settings_lead_to_each_place(amir, url):
    link = soup(amir.get(SETTINGS)).find("a", href=url)
    assert link.get_text() == "Change Quay Street"
    page = amir.get(url)
    assert is_whole_page(page)
    assert fields(page, url)["place"] == "Quay Street"


def test_it_is_renamed(amir, url):
    answer = amir.post(url, data={"place": "Pier", "address": "2 Pier"})
    assert (answer.status_code, answer.location) == (303, SETTINGS)
    said = text_of(amir.get(SETTINGS))
    assert "Saved." in said and "2 Pier" in said and "Quay Street" not in said


def test_what_is_wrong_is_named(amir, url, cast):
    amir.post(
        f"/admin/organisations/{cast.harbour}/locations", data={"place": "Pier", "address": "2"}
    )
    for form in ({"place": "Pier", "address": "3 Pier"}, {"place": "", "address": "3 Pier"}):
        answer = amir.post(url, data=form)
        wrong = [one["name"] for one in soup(answer).select("[aria-invalid=true]")]
        assert (answer.status_code, wrong) == (422, ["place"])
        assert fields(answer, url)["address"] == "3 Pier"


def test_it_says_which_hours_end_and_that_they_ended(amir, url):
    """With no visits there is nothing to ask."""
    told = soup(amir.get(url)).select_one("#hours-end").get_text()
    assert re.fullmatch(r"\d+ windows of weekly or single hours at Quay Street end\.", told)
    closed = amir.post(f"{url}/close")
    assert (closed.status_code, closed.location) == (303, SETTINGS)
    many = told.partition(" ")[0]
    assert f"Quay Street is closed. {many} windows of hours ended." in text_of(amir.get(SETTINGS))
    assert amir.get(url).status_code == 404


def test_a_place_without_hours_says_nothing_of_them(amir, cast):
    where = f"/admin/organisations/{cast.harbour}/locations"
    amir.post(where, data={"place": "Pier", "address": "2 Pier"})
    (pier,) = [one["href"] for one in soup(amir.get(SETTINGS)).select("a[href*='/locations/']")
               if "Pier" in one.get_text()]  # fmt: skip
    assert soup(amir.get(pier)).select_one("#hours-end") is None
    amir.post(f"{pier}/close")
    assert "Pier is closed." in text_of(amir.get(SETTINGS))


def test_it_asks_what_becomes_of_the_visits(app, amir, url, cast):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra)
        book(cast.bela, cast.dr_chandra, "10:00")
    asked = amir.post(f"{url}/close")
    assert asked.status_code == 409
    assert "at Quay Street end." in text_of(asked)
    assert "2 visits to come are booked: Quay Street." in text_of(asked)
    ways = {one["value"] for one in soup(asked).select("[name=visits]")}
    assert ways == {"keep", "cancel", "move"}
    amir.post(f"{url}/close", data={"visits": "keep"})
    said = text_of(amir.get(SETTINGS))
    assert "windows of hours ended. 2 visits still take place there." in said
