"""A patient's own visits: what is asked of them, what is near, and what will not be."""

from datetime import timedelta

import pytest

from clinic.core import clock
from tests.cast import TODAY, at
from tests.factories import book, scheduled, set_rules, take
from tests.pages import soup, text_of

LIST = "/appointments/"
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def asha(signed_in, cast):
    return signed_in(cast.asha)


def group(page, title):
    """What stands under a heading; empty where there is none."""
    heading = soup(page).find("h2", string=title)
    return " ".join(heading.find_parent("section").get_text(" ").split()) if heading else ""


def test_what_is_cancelled_ahead_is_not_over(app, cast, asha, signed_in):
    with app.app_context():
        for wall in ("11:00", "10:00"):
            take(book(cast.asha, cast.dr_chandra, wall), "cancel", by=cast.asha)
        scheduled(cast.asha, cast.dr_chandra, "09:00")
    page = asha.get(LIST)
    cancelled = group(page, "Cancelled")
    assert cancelled.index("10:00") < cancelled.index("11:00")  # the soonest first
    assert group(page, "Past") == ""
    with clock.travelled(at("18:00")):
        page = signed_in(cast.asha).get(LIST)
    assert group(page, "Cancelled") == ""
    assert all(one in group(page, "Past") for one in ("09:00", "10:00", "11:00"))


def test_every_row_that_needs_it_can_be_confirmed(app, cast, asha):
    """Without opening a menu, and without JavaScript."""
    with app.app_context():
        visits = [
            scheduled(cast.asha, cast.dr_chandra, at("10:00", TODAY + timedelta(days=7 * week)))
            for week in range(3)
        ]
        take(visits[2], "confirm", by=cast.asha)
        ids = [str(one.id) for one in visits]
    page = soup(asha.get(LIST))
    buttons = page.select('form[action$="/confirm"] button')
    assert [one["id"] for one in buttons] == [f"confirm-{key}" for key in ids[:2]]
    assert all(one.find_parent("details") is None for one in buttons)


def test_to_be_confirmed_is_amber_with_an_hourglass(app, cast, asha):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra, "11:00")
    badge = soup(asha.get(LIST)).select_one(".badge")
    assert badge["data-status"] == "to_confirm"
    assert badge.find("use")["href"].endswith("#hourglass")
    assert badge.get_text() == "Please confirm"


def test_a_queued_booking_asks_nothing_yet(app, cast, asha):
    with app.app_context():
        book(cast.asha, cast.dr_chandra, "11:00")
    badge = soup(asha.get(LIST)).select_one(".badge")
    assert (badge["data-status"], badge.get_text()) == ("scheduled", "Booked")
    with app.app_context():
        set_rules(cast.harbour, approval_required=True)
    badge = soup(asha.get(LIST)).select_one(".badge")
    assert (badge["data-status"], badge.get_text()) == ("pending", "Requested")


def test_today_and_tomorrow_are_said(app, cast, asha):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra, "11:00")
        scheduled(cast.asha, cast.dr_dev, at("10:00", TOMORROW))
        scheduled(cast.asha, cast.dr_chandra, at("10:00", TODAY + timedelta(days=7)))
    said = text_of(asha.get(LIST))
    assert "Today, 11:00 with Dr Chandra Iyer" in said
    assert "Tomorrow, 10:00 with" in said
    assert "Mon 23 Nov, 10:00 with Dr Chandra Iyer" in said
