"""The page of an organisation's reminders."""

import pytest

from clinic.access.actor import THE_SYSTEM
from clinic.reminders.rules import queries
from tests.pages import is_whole_page, soup, text_of

NEW = {"ahead": "1", "unit": "days", "audience": "patient", "channel": "email", "label": ""}


@pytest.fixture
def amir(signed_in, cast):
    return signed_in(cast.amir)


@pytest.fixture
def page(cast):
    return f"/admin/organisations/{cast.harbour}/reminders"


def lines(answer):
    return [one.get_text() for one in soup(answer).select("#rules-title ~ ul .strong")]


FIXED = "3 hours before, as each patient is written to"


def test_added_changed_switched_off_and_deleted(app, amir, page, cast):
    first = amir.get(page)
    assert is_whole_page(first)
    assert lines(first) == [FIXED]
    assert "see you" in text_of(first)  # what they read
    assert page in amir.get("/admin/settings").text
    answer = amir.post(page, data=NEW, follow_redirects=True)
    assert "The reminder is added." in text_of(answer)
    assert lines(answer) == [FIXED, "1 day before, by email"]
    with app.app_context():
        (rule,) = queries.rules(cast.harbour, THE_SYSTEM)
    one = f"{page}/{rule.id}"
    form = soup(amir.get(one)).select_one("form:has([name=ahead])")
    assert form.select_one("[name=ahead]")["value"] == "1"
    assert form.select_one("[name=unit] [selected]")["value"] == "days"
    changed = {**NEW, "ahead": "90", "unit": "minutes", "audience": "doctor", "channel": "own"}
    answer = amir.post(one, data=changed, follow_redirects=True)
    assert lines(answer) == [FIXED, "90 minutes before, to the doctor, by text message"]
    assert "Switched off" in text_of(answer)
    answer = amir.post(f"{one}/delete", follow_redirects=True)
    assert lines(answer) == [FIXED]


@pytest.mark.parametrize("ahead", ["", "0", "-1", "31", "9" * 400, "soon"])
def test_how_long_before_is_asked_again(amir, page, ahead):
    answer = amir.post(page, data={**NEW, "ahead": ahead})
    assert answer.status_code == 422
    assert [one["name"] for one in soup(answer).select("[aria-invalid=true]")] == ["ahead"]
    assert "Enter a time from 30 minutes to 30 days" in text_of(answer)


def test_the_same_twice_is_said(amir, page):
    amir.post(page, data=NEW)
    answer = amir.post(page, data={**NEW, "ahead": "24", "unit": "hours"})
    assert answer.status_code == 409
    assert "There is a reminder for this time and this way already." in text_of(answer)


def test_quiet_hours(amir, page):
    hours = [one["value"] for one in soup(amir.get(page)).select("[type=time]")]
    assert hours == ["21:00", "08:00"]
    given = {"quiet_from": "22:30", "quiet_to": "07:00"}
    answer = amir.post(f"{page}/quiet-hours", data=given, follow_redirects=True)
    assert [one["value"] for one in soup(answer).select("[type=time]")] == ["22:30", "07:00"]
    assert amir.post(f"{page}/quiet-hours", data={"quiet_from": "x"}).status_code == 422
