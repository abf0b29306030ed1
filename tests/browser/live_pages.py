"""Open pages that must show what changes without ever being loaded again."""

from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from clinic.appointments.models import Appointment
from clinic.core import phones

SOON_MS = 10_000  # pages that hear nothing ask once a minute: what comes sooner was rung


class LivePage:
    def __init__(self, page: Page, path: str) -> None:
        self.page = page
        self.path = path
        self.load()

    def load(self) -> None:
        """Come back when the stream is open and has caught up: what comes now is rung for."""
        with (
            self.page.expect_response(lambda answer: "x-live" in answer.request.headers),
            self.page.expect_response(lambda answer: "/live" in answer.url) as opened,
        ):
            self.page.goto(self.path)
        assert opened.value.status == 200
        self.page.evaluate("window.isTheSamePage = true")

    def is_the_same_page(self) -> bool:
        return self.page.evaluate("window.isTheSamePage === true")


class Board(LivePage):
    def __init__(self, page: Page) -> None:
        super().__init__(page, "/board/")

    def row(self, visit: Appointment) -> Locator:
        return self.page.locator(f"#appt-{visit.id}")

    def expect_badge(self, visit: Appointment, words: str, timeout: int = SOON_MS) -> None:
        expect(self.row(visit).locator(".badge")).to_have_text(words, timeout=timeout)

    def press(self, visit: Appointment, name: str) -> None:
        self.row(visit).get_by_role("button", name=name).click()


def inbox_of(number: str) -> str:
    """The path of the development inbox that shows this telephone."""
    return f"/dev/inbox?phone={quote(number)}"


class Telephone(LivePage):
    """Somebody's telephone in the development inbox; the mailbox beside it is everybody's."""

    def __init__(self, page: Page, number: str) -> None:
        super().__init__(page, inbox_of(number))
        expect(page.locator("#phone-title")).to_have_text(phones.as_dialled(number, None))

    @property
    def texts(self) -> Locator:
        return self.page.locator("#thread .msg")

    def letters_to(self, address: str) -> Locator:
        return self.page.locator("#mail details", has_text=address)

    def reply(self, word: str) -> None:
        self.page.get_by_role("button", name=f"Reply {word}", exact=True).click()


class Ledger(LivePage):
    """The list of messages at the front desk."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, "/messages/")

    def rows_of(self, name: str) -> Locator:
        return self.page.locator("#rows tbody tr", has_text=name)
