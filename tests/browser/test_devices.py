"""The same pages on a wide screen, a small phone, at 200 % and on paper, by measured places."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.clinic import Clinic
from tests.browser.visitors import NewPage, overflow
from tests.cast import Person

pytestmark = pytest.mark.browser

WIDE = {"width": 1920, "height": 1080}
SMALL_PHONE = {"width": 320, "height": 640}
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 640, "height": 400}  # 1280 by 800 at 200 %
LITTLE_PX = 84  # that both bars may take of a low window
STAFF_PAGES = ("/board/", "/messages/", "/patients/?q=a", "/schedules/")
ADMIN_PAGES = (*STAFF_PAGES, "/admin/settings", "/admin/users/")

# The place of the first one in sight: left, top, right, bottom.
PLACE = """(selector) => {
  const found = [...document.querySelectorAll(selector)].find((el) => el.getClientRects().length);
  if (!found) return null;
  const {left, top, right, bottom} = found.getBoundingClientRect();
  return {left, top, right, bottom};
}"""
# Words and controls of the bars and the head of a page that are cut, wrapped or overlap.
SPOILT = """() => {
  const shown = (el) => el.getClientRects().length > 0;
  const bar = [...document.querySelectorAll(".nav a")].filter(shown);
  const wrapped = bar.filter((a) => a.querySelector("span").getClientRects().length > 1
    || a.scrollWidth > a.clientWidth + 1);
  const parts = [...document.querySelectorAll(".topbar .brand, .topbar .btn, .nav a")]
    .filter(shown);
  const lies = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const over = parts.filter((one, i) => parts.slice(i + 1).some(
    (other) => lies(one.getBoundingClientRect(), other.getBoundingClientRect())));
  const cut = [...document.querySelectorAll(".brand, .brand span, .btn, h1, .badge, select")]
    .filter((el) => shown(el) && !el.matches(".sr-only")
      && (el.scrollWidth > el.clientWidth + 1 && getComputedStyle(el).display !== "inline"));
  const outside = parts.filter((el) => {
    const r = el.getBoundingClientRect();
    return r.left < 0 || r.right > innerWidth;
  });
  return [...wrapped, ...over, ...cut, ...outside].map((el) => el.outerHTML.slice(0, 120));
}"""


def place(page: Page, selector: str) -> dict[str, float]:
    found: Any = page.evaluate(PLACE, selector)
    assert found, selector
    return found


def full_day(clinic: Clinic, name: str) -> Person:
    """A doctor whose patients have come, and are to come."""
    doctor = clinic.doctor(name, "dermatology")
    over = ("check_in", "start", "complete")
    clinic.visit(clinic.patient("Dora Done"), doctor, clinic.at("09:00"), *over)
    clinic.visit(clinic.patient("Hugo Here"), doctor, clinic.at("11:30"), "check_in")
    for hour in range(13, 17):
        clinic.visit(clinic.patient(f"Vera Visit {hour}"), doctor, clinic.at(f"{hour}:00"))
    return doctor


def test_a_wide_screen_holds_bar_and_page_as_one(new_page: NewPage, clinic: Clinic) -> None:
    full_day(clinic, "Wilma Wide")
    page = new_page(clinic.admin("Ada Wide"), WIDE)
    for path in ADMIN_PAGES:
        page.goto(path)
        bar, main = place(page, ".topbar > *"), place(page, "main")
        rail, menu = place(page, ".rail"), place(page, "#account-menu")
        content = place(page, "main > *")
        assert bar["left"] == main["left"] and bar["right"] == main["right"], path
        assert main["left"] - rail["right"] == pytest.approx(WIDE["width"] - main["right"], abs=1)
        assert menu["right"] == content["right"], path
        assert overflow(page) == 0


@pytest.mark.parametrize("size", [SMALL_PHONE, PHONE, ZOOMED], ids=["320", "390", "640"])
@pytest.mark.parametrize("who", ["desk", "doctor"])
def test_the_first_visit_is_on_the_first_screen(
    new_page: NewPage, clinic: Clinic, who: str, size: dict[str, int]
) -> None:
    doctor = full_day(clinic, f"Ella Early {who} {size['width']}")
    person = doctor if who == "doctor" else clinic.desk(f"Desk {size['width']}")
    page = new_page(person, size)
    page.goto("/board/" if who == "doctor" else f"/board/?doctor={doctor.doctor_id}")
    page.evaluate("scrollTo(0, 0)")  # it begins at its now line
    nav, name = place(page, ".nav"), place(page, ".timeline > li[id] b")
    assert name["bottom"] <= nav["top"]
    stats = [one.bounding_box() for one in page.locator(".stats > *").all()]
    assert len({one["y"] for one in stats if one}) == 1
    assert overflow(page) == 0


def test_bars_of_a_low_window_take_little(new_page: NewPage, clinic: Clinic) -> None:
    full_day(clinic, "Leo Low")
    page = new_page(clinic.admin("Lia Low"), ZOOMED)
    for path in ADMIN_PAGES:
        page.goto(path)
        bars = [place(page, one) for one in (".topbar", ".nav")]
        assert sum(one["bottom"] - one["top"] for one in bars) <= LITTLE_PX, path
        page.evaluate("scrollTo(0, 300)")
        assert place(page, ".topbar")["top"] < 0 or page.evaluate("scrollY") == 0, path


@pytest.mark.parametrize("size", [SMALL_PHONE, PHONE, ZOOMED], ids=["320", "390", "640"])
def test_nothing_is_cut_wrapped_or_overlaid(
    new_page: NewPage, clinic: Clinic, size: dict[str, int]
) -> None:
    doctor = full_day(clinic, f"Nora Narrow {size['width']}")
    people = {
        clinic.admin("Nina Narrow"): ADMIN_PAGES,
        clinic.desk("Nils Narrow"): STAFF_PAGES,
        doctor: ("/board/", "/schedules/"),
        clinic.superadmin("Ned Narrow"): ("/admin/users/",),
    }
    for person, paths in people.items():
        page = new_page(person, size)
        for path in paths:
            page.goto(path)
            assert page.evaluate(SPOILT) == [], path
            assert overflow(page) == 0, path


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_printed_day_is_the_day(new_page: NewPage, clinic: Clinic, theme: str) -> None:
    doctor = full_day(clinic, f"Paula Paper {theme}")
    page = new_page(clinic.desk(f"Percy Print {theme}"), {"width": 1280, "height": 800})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto(f"/board/?doctor={doctor.doctor_id}")
    page.emulate_media(media="print", color_scheme=theme)  # type: ignore[arg-type]
    for hidden in (".rail", ".nav", ".topbar", ".live", ".now", ".stats", ".strip", "main .btn"):
        assert page.evaluate(PLACE, hidden) is None, hidden
    assert page.locator(".timeline > li[id]:visible").count() == 6
    said = page.locator("main").inner_text()
    heading = page.locator("h1").inner_text()
    for words in (doctor.name, "Harbour Clinic", heading, "Dora Done"):
        assert words in said
    colours = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert colours == ["rgb(24, 33, 31)", "rgba(0, 0, 0, 0)"]
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator(".timeline > li[id]:visible").count() == 6
