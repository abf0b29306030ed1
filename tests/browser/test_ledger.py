"""The ledger in a clerk's hands: found, stopped, sent again together, counted, and one link out."""

import pytest
from playwright.sync_api import expect

from clinic.core import clock
from clinic.core.data.db import db
from clinic.messaging.words import unsubscribing
from tests.browser.clinic import Clinic
from tests.browser.visitors import NewPage, axe_finds, overflow
from tests.messaging.ledger_helpers import queued

pytestmark = pytest.mark.browser
HERS = "liv.ledger@cast.example"


def test_what_did_not_arrive_goes_out_together(new_page: NewPage, clinic: Clinic) -> None:
    visit = clinic.visit(
        clinic.patient("Liv Ledger"), clinic.doctor("Lea Day", "cardiology"),
        clinic.at("10:00", days=2),
    )  # fmt: skip
    with clinic.app.app_context():
        here = {"organisation_id": clinic.organisation_id, "sent_at": clock.now()}
        queued(3, **here, about_id=visit.id, status="failed", error_code="30003")
        (letter,) = queued(1, **here, channel="email", address=HERS, template="own_reminder",
                           subject="Tablets", status="sent")  # fmt: skip
        token = unsubscribing.token_of(letter)
        db.session.remove()
    page = new_page(clinic.desk("Lou Desk"))

    def is_well() -> bool:
        return (overflow(page), axe_finds(page)) == (0, [])

    page.goto("/messages/")
    page.get_by_label("Name, number or address").fill("Liv Led")
    page.get_by_label("Status", exact=True).select_option("failed")
    expect(page.locator("#rows tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Send again ...").click()
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    boxes.first.uncheck()
    assert is_well()
    page.get_by_role("button", name="Send the chosen ones again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 messages go out again")
    assert is_well()
    page.goto("/messages/")
    page.get_by_role("link", name="Delivery").click()
    expect(page.get_by_role("heading", name="By channel")).to_be_visible()
    assert is_well()

    page.goto(f"/unsubscribe/{token}")
    assert is_well()
    page.get_by_role("button", name="Stop these emails").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You get no more of these emails")
    page.get_by_role("button", name="Get them again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stop these emails?")
