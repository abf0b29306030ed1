"""A webhook from its form to its log, at both sizes, light and dark."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clinic import Clinic
from tests.browser.test_every_page import BY_THEME, SMALLEST
from tests.browser.visitors import DESKTOP, PHONE, NewPage, axe_finds, overflow
from tests.fakes.receiver import Receiver

pytestmark = pytest.mark.browser


def expect_quiet(page: Page, size: dict[str, int]) -> None:
    page.emulate_media(color_scheme="light")
    assert axe_finds(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe_finds(page, *BY_THEME) == []
    assert overflow(page) == 0
    if size is PHONE:
        page.set_viewport_size(SMALLEST)
        assert overflow(page) == 0
        page.set_viewport_size(size)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_added_tested_paused(new_page: NewPage, clinic: Clinic, size: dict[str, int]) -> None:
    with Receiver(answers=[500, 200], body=b"x" * 300) as there:
        page = new_page(clinic.admin("Hanna Hook"), size, expects=(422,))
        page.goto("/admin/settings")
        page.get_by_role("link", name="Webhooks").click()
        page.get_by_role("link", name="Add a webhook").first.click()
        page.get_by_label("Address", exact=True).fill("http://hooks.example/")
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_role("alert")).to_contain_text("Begin with https://")
        expect_quiet(page, size)
        page.get_by_label("Address", exact=True).fill(there.url + "?" + "of-theirs" * 20)
        page.locator("summary", has_text="Visits").click()
        page.get_by_label("appointment.created").check()
        page.get_by_role("button", name="Add it").click()
        expect(page.locator("#secret")).to_contain_text("whsec_")
        expect_quiet(page, size)
        page.get_by_role("link", name="I have kept it").click()
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_role("table")).to_contain_text("webhook.test")
        _load_until(page, "Answered 500")
        expect_quiet(page, size)
        page.get_by_role("button", name="Send again").click()
        _load_until(page, "Answered 200")
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("Paused by hand.")).to_be_visible()
        expect_quiet(page, size)
        page.get_by_role("link", name="All webhooks").click()
        expect_quiet(page, size)


def _load_until(page: Page, words: str) -> None:
    """The worker calls within a moment, or at its next tick."""
    for _ in range(30):
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(words)
