"""What waits for people shows on every open page at work, though nobody loads it again."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clinic import Clinic
from tests.browser.live_pages import SOON_MS
from tests.browser.visitors import DESKTOP, PHONE, NewPage
from tests.cast import Person

pytestmark = pytest.mark.browser

# Every announcement of a polite region of the navigation.
LISTEN = """() => {
  window.announced = [];
  const hear = (changes) => {
    const said = document.querySelector("#counted-messages").textContent;
    if (said && window.announced.at(-1) !== said) window.announced.push(said);
    window.changes = (window.changes || 0) + changes.length;
  };
  new MutationObserver(hear).observe(document.querySelector("#counted-messages"),
    {subtree: true, childList: true, characterData: true});
}"""


def fail_one(clinic: Clinic, doctor: Person, hours: str) -> None:
    visit = clinic.visit(clinic.patient(f"Nobody {hours}"), doctor, clinic.at(hours, days=3))
    clinic.report_unreachable(clinic.waiting_message(visit))


def number(page: Page) -> int:
    return int(page.locator("#count-messages").inner_text() or 0)


def test_counts_turn_on_every_open_page(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Ruby Ring", "dermatology")
    admin, desk = clinic.admin("Rose Rings"), clinic.desk("Rick Rings")
    paths = ("/board/", f"/board/?doctor={doctor.doctor_id}", "/messages/")
    paths += ("/patients/", "/admin/settings", "/schedules/")
    pages = []
    for path in paths:
        page = new_page(admin if "admin" in path else desk, DESKTOP)
        with page.expect_response(lambda answer: "/live/" in answer.url):
            page.goto(path)
        page.evaluate("window.isTheSamePage = true")
        page.evaluate(LISTEN)
        pages.append(page)
    pages[3].wait_for_timeout(500)  # each has caught up
    before = number(pages[0])
    fail_one(clinic, doctor, "10:00")
    for page in pages:
        count = page.locator("#count-messages")
        expect(count).to_have_text(str(before + 1), timeout=SOON_MS)
        assert page.evaluate("window.isTheSamePage")
    for page in pages[:2]:
        expect(page.locator("#waiting")).to_contain_text(f"{before + 1} text")
    pages[0].wait_for_timeout(1500)
    for page in pages:
        assert len(page.evaluate("window.announced")) == 1


def test_what_did_not_change_is_empty_and_said_to_nobody(new_page: NewPage, clinic: Clinic) -> None:
    page = new_page(clinic.desk("Quinn Quiet"), DESKTOP)
    asked: list[tuple[int, str]] = []
    page.on(
        "response",
        lambda one: "/board/waiting" in one.url and asked.append((one.status, one.url)),
    )
    with page.expect_response(lambda answer: "/board/waiting" in answer.url):
        page.goto("/patients/")
    page.evaluate(LISTEN)
    for _ in range(2):
        with page.expect_response(lambda answer: "/board/waiting" in answer.url):
            page.evaluate("document.body.dispatchEvent(new CustomEvent('waiting'))")
    assert [status for status, _ in asked][-2:] == [304, 304]
    assert page.evaluate("window.changes || 0") == 0


def test_several_pages_of_one_browser_share_a_stream(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Sheila Share", "dermatology")
    first = new_page(clinic.desk("Sean Share"), PHONE)
    streams: list[str] = []
    first.context.on("request", lambda one: "/live/" in one.url and streams.append(one.url))
    with first.expect_response(lambda answer: "/live/" in answer.url):
        first.goto("/patients/")
    others = [first.context.new_page() for _ in range(2)]
    for page in others:
        page.goto("/schedules/")
    first.wait_for_timeout(500)
    assert len(streams) == 1
    before = number(first)
    fail_one(clinic, doctor, "11:00")
    for page in (first, *others):
        expect(page.locator("#count-messages")).to_have_text(str(before + 1), timeout=SOON_MS)
    first.close()  # another one listens from then on
    others[0].wait_for_timeout(1000)
    assert len(streams) == 2
    fail_one(clinic, doctor, "12:00")
    for page in others:
        expect(page.locator("#count-messages")).to_have_text(str(before + 2), timeout=SOON_MS)
