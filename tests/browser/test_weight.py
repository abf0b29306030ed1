"""What a first visit costs, and that it is paid once."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Response

from clinic.doctors.versions import PAGE
from tests.browser.clinic import Clinic
from tests.browser.visitors import DESKTOP, PHONE, NewPage

pytestmark = pytest.mark.browser

MOST_BYTES, MOST_REQUESTS = 40_000, 6
SURELY_WORTH_GZIP = 512  # bytes; what is smaller may not shrink
A_YEAR = 365 * 24 * 3600
TEXT = (".css", ".js", ".svg")


@dataclass(frozen=True)
class Load:
    url: str
    sent: int  # bytes of the body as it came over the wire
    headers: dict[str, str]
    body: bytes

    @property
    def gzipped(self) -> int:
        """Pages are compressed by the proxy in front, the rest by ourselves."""
        is_page = self.headers["content-type"].startswith("text/html")
        return len(gzip.compress(self.body, 6)) if is_page else self.sent


def loads_of(page: Page, path: str) -> list[Load]:
    """Everything an empty cache makes the browser fetch for this page, its icon too."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path, wait_until="networkidle")
    return [_load(answer) for answer in answers] + _icon_unless_in(page, answers)


def _load(answer: Response) -> Load:
    sent = answer.request.sizes()["responseBodySize"]
    return Load(answer.url, sent, answer.headers, answer.body())


def _icon_unless_in(page: Page, answers: list[Response]) -> list[Load]:
    """A browser without a window does not fetch the icon of a tab."""
    url = page.locator("link[rel=icon]").evaluate("(link) => link.href")
    if url in [answer.url for answer in answers]:
        return []
    got = page.request.get(url)
    return [Load(url, int(got.headers["content-length"]), got.headers, got.body())]


def test_a_first_visit_is_light(
    new_page: NewPage, clinic: Clinic, record_property: Callable[[str, object], None]
) -> None:
    for number in range(PAGE):  # a full page of doctors
        clinic.doctor(f"Amadeus Ashworth-Lindqvist the {number}", "general-practice", "geriatrics")
    page = new_page(size=PHONE)
    loads = loads_of(page, "/")
    assert page.locator("#results .doctor").count() == PAGE
    weight = sum(load.gzipped for load in loads)
    record_property("first visit, bytes gzipped / requests", f"{weight} / {len(loads)}")
    assert weight <= MOST_BYTES
    assert len(loads) <= MOST_REQUESTS


@pytest.mark.parametrize("where", ["/", "/login", "/board/"])
def test_files_are_compressed_and_kept_for_a_year(
    new_page: NewPage, clinic: Clinic, where: str
) -> None:
    person = clinic.desk("Kit Keeper") if where == "/board/" else None
    page = new_page(person, DESKTOP)
    with page.expect_response(lambda answer: answer.url.endswith("icons.svg")):
        page.goto(where)
    urls = page.evaluate(
        "performance.getEntriesByType('resource').map((entry) => entry.name)"
        ".filter((name) => name.includes('/static/'))"
    )
    assert len(urls) >= 3
    for url in urls:
        answer = page.request.get(url)
        headers = answer.headers
        assert f"max-age={A_YEAR}" in headers["cache-control"]
        assert "immutable" in headers["cache-control"]
        if url.endswith(TEXT) and len(answer.body()) >= SURELY_WORTH_GZIP:
            assert headers.get("content-encoding") == "gzip", url
            assert headers["vary"].lower() == "accept-encoding"


def test_the_next_page_fetches_nothing_again(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Nick Next", "general-practice")
    page = new_page()
    page.goto("/", wait_until="networkidle")
    page.goto(f"/doctors/{doctor.doctor_id}", wait_until="networkidle")
    fetched = page.evaluate(
        "performance.getEntriesByType('resource').filter((entry) => entry.transferSize > 0)"
        ".map((entry) => entry.name)"
    )
    assert fetched == []
