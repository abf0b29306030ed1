"""The API's own pages: read and tried out in a browser that runs nothing from elsewhere."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.visitors import DESKTOP, NewPage
from tests.cast import PASSWORD, Person

pytestmark = pytest.mark.browser

PAGES = 100
LOADS_MS = 30_000  # more than a megabyte of script draws more than a hundred operations


def operation(page: Page, path: str) -> Locator:
    """What reads at that address, opened."""
    expect(page.locator(".opblock").first).to_be_visible(timeout=LOADS_MS)
    block = page.locator(".opblock-get", has=page.locator(f'[data-path="/api/v1{path}"]'))
    for _ in range(PAGES):  # of so many operations those far below are drawn when one comes near
        if block.count():
            break
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(100)
    block.locator(".opblock-summary-control").click(timeout=LOADS_MS)
    return block


def try_out(block: Locator) -> Locator:
    """The answer that the page shows."""
    block.get_by_role("button", name="Execute").click()
    return block.locator(".live-responses-table .response")


def authorise(page: Page, token: str) -> None:
    page.get_by_role("button", name="Authorize").first.click(timeout=LOADS_MS)
    dialog = page.locator(".dialog-ux")
    dialog.get_by_role("textbox").fill(token)
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_be_hidden()


def token_of(page: Page, person: Person) -> str:
    answer = page.request.post(
        "/api/v1/auth/login", data={"email": person.email, "password": PASSWORD}
    )
    assert answer.status == 200
    return answer.json()["access_token"]


def test_swagger_asks_with_a_token(new_page: NewPage, clinic: Clinic) -> None:
    person = clinic.desk("Tina Token")
    page = new_page(size=DESKTOP, expects=(401,))
    page.goto("/docs")
    me = operation(page, "/auth/me")
    expect(try_out(me).locator(".response-col_status")).to_contain_text("401")
    authorise(page, token_of(page, person))
    answer = try_out(me)
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text(person.email)
    answer = try_out(operation(page, "/time/now"))
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text("server_utc")


def test_redoc_shows_and_finds(new_page: NewPage) -> None:
    page = new_page(size=DESKTOP)
    page.goto("/redoc")
    expect(page.locator("[data-section-id^='tag/']").first).to_be_visible(timeout=LOADS_MS)
    found = page.locator("[data-role='search:results'] [role=menuitem]")
    page.get_by_role("textbox", name="Search").press_sequentially("time now")
    expect(found.first).to_contain_text("What time it is here", ignore_case=True, timeout=LOADS_MS)
    found.first.click()
    expect(page.locator("h2", has_text="What time it is here")).to_be_in_viewport()
