"""One running product and one Chromium for all tests here; each test brings its own people."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.clinic import Clinic
from tests.browser.stack import Stack
from tests.browser.visitors import NewPage, Visitors
from tests.chromium import chromium_path

PATIENCE_MS = 10_000  # a shared machine is slow at times; what must be quick says so itself

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture(scope="session")
def clinic(stack: Stack) -> Clinic:
    return Clinic(stack.app)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Playwright itself switches off the sandbox, updates and all other traffic of its own.
        browser = playwright.chromium.launch(executable_path=chromium_path())
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser, stack: Stack, clinic: Clinic) -> Iterator[NewPage]:
    """Makes pages, each in a browser of its own. The test fails if one of them complained."""
    visitors = Visitors(chromium, clinic, stack.address)
    yield visitors.new_page
    visitors.leave()
    assert visitors.complaints == [], stack.said()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures that tests measured, below their results."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")
