"""Browsers that look at the running clinic, and tell of everything they complained about."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.clinic import Clinic
from tests.cast import PASSWORD, Person

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
# What the browser and htmx write of an answer that was not fine.
FAILED = re.compile(
    r"Failed to load resource: the server responded with a status of (\d+)"
    r"|Response Status Error Code (\d+) from"
)
LOST = re.compile(r"net::ERR_|htmx:(sendError|afterRequest|timeout)|Send Error|Code 0 from")

NewPage = Callable[..., Page]


@dataclass
class Watch:
    """What went wrong in one browser. `expects` are the failing answers the test is about."""

    address: str
    expects: tuple[int, ...]
    complaints: list[str]
    lost_line: bool = False  # the test takes it away: that browsers complain of it is right

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: Any) -> None:
        if message.type not in ("error", "warning"):
            return
        failed = FAILED.match(message.text)
        if self.lost_line and LOST.search(message.text):
            return
        if not (failed and int(failed[1] or failed[2]) in self.expects):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        made_here = request.url.removeprefix("blob:")  # the script of a page wrote it itself
        if not made_here.startswith(f"{self.address}/"):
            self.complaints.append(f"foreign: {request.url}")

    def _response(self, answer: Any) -> None:
        if answer.status >= 400 and answer.status not in self.expects:
            self.complaints.append(f"answer: {answer.status} {answer.url}")


class Visitors:
    """The browsers of one test."""

    def __init__(self, browser: Browser, clinic: Clinic, address: str) -> None:
        self.browser = browser
        self.clinic = clinic
        self.address = address
        self.complaints: list[str] = []
        self.contexts: list[BrowserContext] = []

    def new_page(
        self,
        person: Person | None = None,
        size: dict[str, int] = PHONE,
        *,
        js: bool = True,
        expects: tuple[int, ...] = (),
        lost_line: bool = False,
    ) -> Page:
        """A blank page in a browser of its own, signed in as that person."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport=size,  # type: ignore[arg-type]
            java_script_enabled=js,
            color_scheme="light",
            reduced_motion="reduce",  # colours are measured, not caught half way
        )
        self.contexts.append(context)
        Watch(self.address, expects, self.complaints, lost_line).over(context)
        if person:
            cookie = self.clinic.cookie_of(person)
            context.add_cookies([{"name": "session", "value": cookie, "url": self.address}])
        return context.new_page()

    def leave(self) -> None:
        for context in self.contexts:
            context.close()


def log_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """By the form; where two-factor is on, the code is asked for next."""
    page.goto("/login")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def log_out(page: Page) -> None:
    open_account_menu(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()


def open_account_menu(page: Page) -> None:
    page.locator("#account-menu summary").click()


def axe_finds(page: Page, *rules: str) -> list[str]:
    """What axe-core finds fault with, by all of its rules or by these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    only = {"runOnly": list(rules)} if rules else {}
    found = page.evaluate("(only) => axe.run({...only, resultTypes: ['violations']})", only)
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page can be scrolled sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
