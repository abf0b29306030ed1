"""Every page, at both sizes, light and dark: accessible, quiet, and never wider than the screen."""

import pytest
from playwright.sync_api import Browser, Page

from clinic.core.web.security import CSP
from tests.browser.clinic import Clinic
from tests.browser.scenes import SCENES, Scene, Town
from tests.browser.stack import Stack
from tests.browser.visitors import DESKTOP, PHONE, NewPage, Visitors, axe_finds, overflow

pytestmark = pytest.mark.browser

SMALLEST = {"width": 320, "height": 640}
BY_THEME = ("color-contrast", "link-in-text-block")  # all other rules are blind to colours


@pytest.fixture(scope="module")
def town(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(clinic, tmp_path_factory.mktemp("no-database"))


BAD_PAGE = """<!DOCTYPE html><html lang="en"><title>Bad</title>
<main><h1>Bad</h1><p class="faint">Hardly to be read</p><button></button>
<script>alert()</script><img alt="" src="http://127.0.0.1:9/"></main></html>"""


def test_what_is_wrong_is_noticed(chromium: Browser, clinic: Clinic, stack: Stack) -> None:
    """The other tests here can fail."""
    visitors = Visitors(chromium, clinic, stack.address)
    page = visitors.new_page()
    policy = {"Content-Security-Policy": CSP}
    page.route("**/", lambda route: route.fulfill(body=BAD_PAGE, headers=policy))
    page.goto("/")
    page.goto("/no-such-page")
    page.goto("/")
    page.locator(".faint").evaluate("(text) => { text.style.color = '#ccc'; }")
    found = " ".join(axe_finds(page))
    assert "button-name" in found
    assert "color-contrast" in found
    page.locator(".faint").evaluate("(text) => { text.style.width = '400px'; }")
    assert overflow(page) > 0
    visitors.leave()
    said = " ".join(visitors.complaints)
    for part in ("inline script", "foreign: http://127.0.0.1:9/", "answer: 404", "status of 404"):
        assert part in said


def show(page: Page, scene: Scene, town: Town) -> None:
    if scene.status == 503:
        page.route(
            "**/",
            lambda route: route.fulfill(
                status=503,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": CSP},
                body=town.without_database,
            ),
        )
    answer = page.goto(town.path(scene))
    assert answer
    assert answer.status == scene.status
    scene.act(page)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_page(new_page: NewPage, town: Town, scene: Scene) -> None:
    """In a phone, then as wide as a desk's: what one hides the other shows."""
    person = town.person(scene.who)
    page = new_page(person, PHONE, expects=(*scene.expects, scene.status))
    if scene.asleep and person:
        town.clinic.put_to_sleep(person)
    show(page, scene, town)
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="light")
        assert (size, axe_finds(page)) == (size, [])
        page.emulate_media(color_scheme="dark")
        assert (size, axe_finds(page, *BY_THEME)) == (size, [])
        assert (size, overflow(page)) == (size, 0)
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    assert overflow(page) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_kept(new_page: NewPage, theme: str) -> None:
    """Chosen once, it is there before the page is painted, whatever the system prefers."""
    page = new_page()
    page.emulate_media(color_scheme="dark" if theme == "light" else "light")
    page.goto("/")
    page.locator("[data-theme-toggle]").click()
    assert page.locator("html").get_attribute("data-theme") == theme
    page.goto("/login")
    assert page.locator("html").get_attribute("data-theme") == theme
    assert axe_finds(page, *BY_THEME) == []
