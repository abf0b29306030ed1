"""A conversation at the front desk: live in two windows, and in a nurse's hand."""

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.live_pages import SOON_MS, LivePage
from tests.browser.visitors import DESKTOP, NewPage, axe_finds, overflow

pytestmark = pytest.mark.browser


def test_a_conversation_is_live_in_two_windows(new_page: NewPage, clinic: Clinic) -> None:
    patient = clinic.patient("Lena Live")
    first, second = clinic.desk("Dora Desk"), clinic.desk("Nils Nurse")
    path = f"/inbox/{clinic.text_from(patient, 'Can somebody call me?')}"
    desk, nurse = LivePage(new_page(first, DESKTOP), path), LivePage(new_page(second), path)
    box = nurse.page.get_by_label("Your reply")
    box.fill("I am just wri")

    desk.page.get_by_role("button", name="I answer this").click()
    expect(desk.page.locator("#thread")).to_contain_text("You answer this", timeout=SOON_MS)
    expect(nurse.page.locator("#thread")).to_contain_text("Dora Desk answers this", timeout=SOON_MS)
    clinic.text_from(patient, "Are you there?")
    for window in (desk, nurse):
        expect(window.page.locator("#thread")).to_contain_text("Are you there?", timeout=SOON_MS)
    expect(box).to_have_value("I am just wri")
    expect(box).to_be_focused()
    assert nurse.is_the_same_page()

    desk.page.get_by_label("Your reply").fill("Of course. At ten?")
    expect(desk.page.locator("#reply-length")).to_contain_text("1 text")
    desk.page.get_by_role("button", name="Send").click()
    expect(desk.page.locator("#thread .msg").last).to_contain_text("At ten?")
    expect(nurse.page.locator("#thread .msg").last).to_contain_text("At ten?", timeout=SOON_MS)
    expect(nurse.page.locator("#thread")).not_to_contain_text("Waits since")


def test_a_nurse_answers_on_her_phone(new_page: NewPage, clinic: Clinic) -> None:
    patient = clinic.patient("Paula Pocket")
    clinic.visit(patient, clinic.doctor("Dina Day", "cardiology"), clinic.at("10:00", days=2))
    clinic.text_from(patient, "Where do I park?")
    page = new_page(clinic.desk("Nora Nurse"))
    page.goto("/inbox/")
    page.get_by_role("link", name="Paula Pocket").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Paula Pocket")
    assert overflow(page) == 0
    assert axe_finds(page) == []
    page.get_by_label("Your reply").fill("Behind the house.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#thread")).to_contain_text("Behind the house.")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#thread")).to_contain_text("Closed")
