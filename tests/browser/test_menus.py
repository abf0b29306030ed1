"""What a menu offers lies where it can be tapped, wherever the row stands."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.visitors import PHONE, NewPage
from tests.cast import Person

pytestmark = pytest.mark.browser

SMALLEST = {"width": 320, "height": 640}
SIZES = pytest.mark.parametrize("size", [PHONE, SMALLEST], ids=["390", "320"])
UNDER_THE_FINGER = """(link) => {
  const { x, y, width, height } = link.getBoundingClientRect();
  return link.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


@pytest.fixture(scope="module")
def regular(clinic: Clinic) -> Person:
    """Three visits ahead: one alone on top, two in the list."""
    doctor, person = clinic.doctor("Mona Menu", "haematology"), clinic.patient("Rita Regular")
    for days in (2, 3, 4):
        clinic.visit(person, doctor, clinic.at("10:00", days=days))
    return person


def open_menu(page: Page, row: int) -> Locator:
    menu = page.locator("#list details.menu").nth(row)
    menu.locator("summary").click()
    expect(menu.locator(".menu-list")).to_be_visible()
    return menu


def can_be_tapped(menu: Locator, *names: str) -> None:
    for name in names:
        link = menu.get_by_role("link", name=name)
        expect(link).to_be_in_viewport()
        assert link.evaluate(UNDER_THE_FINGER), name


@SIZES
@pytest.mark.parametrize("row", [0, 1], ids=["first", "last"])
def test_move_and_cancel_are_under_the_finger(
    new_page: NewPage, regular: Person, size: dict[str, int], row: int
) -> None:
    page = new_page(regular, size)
    page.goto("/appointments/")
    page.locator("#list details.menu").nth(row).evaluate("(one) => one.scrollIntoView(false)")
    can_be_tapped(open_menu(page, row), "Move", "Cancel", "Add to calendar")


@SIZES
def test_a_row_at_the_top_opens_downwards(
    new_page: NewPage, regular: Person, size: dict[str, int]
) -> None:
    page = new_page(regular, size)
    page.goto("/appointments/")
    page.evaluate("document.body.style.paddingBottom = '60rem'")
    page.locator("#list details.menu").last.evaluate("(one) => one.scrollIntoView(true)")
    can_be_tapped(open_menu(page, 1), "Move", "Cancel", "Add to calendar")


@SIZES
def test_the_last_one_opens_upwards_without_javascript(
    new_page: NewPage, regular: Person, size: dict[str, int]
) -> None:
    page = new_page(regular, size, js=False)
    page.goto("/appointments/")
    page.mouse.wheel(0, 5000)
    can_be_tapped(open_menu(page, 1), "Move", "Cancel", "Add to calendar")
