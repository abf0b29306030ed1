"""The pages of reminders."""

from playwright.sync_api import Page, expect

from tests.browser.scene import Scene


def _ask_to_send(page: Page) -> None:
    page.get_by_text("Send it now").first.click()
    expect(page.get_by_role("button", name="Send it now")).to_be_visible()


def _save_no_reminder(page: Page) -> None:
    page.get_by_role("button", name="Save reminder").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _preview(page: Page) -> None:
    page.get_by_role("button", name="See how it reads").click()
    expect(page.get_by_role("heading", name="How it reads")).to_be_visible()


OF_REMINDERS = [
    Scene("reminders", "/reminders/?visits=1", "desk"),
    Scene("no reminders", "/reminders/?when=past&kind=deadline", "admin"),
    Scene("a reminder", "/reminders/{reminder}", "desk", _ask_to_send),
    Scene("new reminder", "/reminders/new?patient={person}", "desk"),
    Scene("reminder failed", "/reminders/new", "desk", _save_no_reminder, expects=(422,)),
    Scene("how a reminder reads", "/reminders/{reminder}/edit", "desk", _preview),
    Scene("own reminders", "/me/reminders", "patient"),
    Scene("no own reminders", "/me/reminders", "new patient"),
    Scene("own reminder", "/me/reminders/{own reminder}", "patient"),
    Scene("new own reminder", "/me/reminders/new", "patient"),
]
