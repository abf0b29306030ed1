"""Boards change by themselves while patients book and colleagues work."""

import re
import statistics
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.clinic import Clinic
from tests.browser.live_pages import SOON_MS, Board
from tests.browser.visitors import DESKTOP, NewPage
from tests.cast import Person

pytestmark = pytest.mark.browser

LOADS = 20

# Notes when the page first says the words, more exactly than looking again and again can.
NOTE_WHEN_SAID = """(words) => {
  window.saidAt = null;
  const look = () => {
    if (!window.saidAt && document.querySelector("#board").textContent.includes(words))
      window.saidAt = Date.now();
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true});
}"""


def two_boards(new_page: NewPage, clinic: Clinic, doctor: Person) -> tuple[Board, Board]:
    """The doctor's own, on a phone, and that of the front desk."""
    desk = clinic.desk(f"Desk of {doctor.name}")
    return Board(new_page(doctor)), Board(new_page(desk, DESKTOP))


def test_a_booking_appears_within_a_second(
    new_page: NewPage, clinic: Clinic, record_property: Callable[[str, object], None]
) -> None:
    doctor, patient = clinic.doctor("Lena Live", "endocrinology"), clinic.patient("Lou Bell")
    own, desk = two_boards(new_page, clinic, doctor)
    page = new_page(patient)
    page.goto("/?specialisation=endocrinology")
    page.locator("#results a.slot").first.click()
    page.get_by_label("What is the appointment about?").fill("Only for the doctor")
    for board in (own, desk):
        board.page.evaluate(NOTE_WHEN_SAID, patient.name)
    began = time.time()
    page.get_by_role("button", name="Book appointment").click()

    for board in (own, desk):
        expect(board.page.locator("#board")).to_contain_text(patient.name, timeout=SOON_MS)
        assert board.is_the_same_page()
    expect(own.page.locator("#board")).to_contain_text("Only for the doctor")
    expect(desk.page.locator("#board")).not_to_contain_text("Only for the doctor")
    seen = [board.page.evaluate("window.saidAt") / 1000 - began for board in (own, desk)]
    record_property("live: from the click on Book to the board, ms", round(max(seen) * 1000))


def test_a_visit_goes_its_way_on_both_boards(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Wanda Way", "gynaecology"), clinic.patient("Per Step")
    visit = clinic.visit(patient, doctor, clinic.at("14:00"))
    own, desk = two_boards(new_page, clinic, doctor)
    desk.press(visit, "Check in")
    own.expect_badge(visit, "Checked in")
    own.press(visit, "Start")
    desk.expect_badge(visit, "In progress")
    expect(own.row(visit)).to_have_attribute("aria-current", "true")
    own.press(visit, "Complete")
    desk.expect_badge(visit, "Completed")
    assert own.is_the_same_page() and desk.is_the_same_page()

    theirs = new_page(patient)
    theirs.goto("/appointments/")
    expect(theirs.locator("#list .badge")).to_have_text(["Completed"])


def test_a_no_show_can_be_taken_back(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Noah Show", "gynaecology"), clinic.patient("Mia Missing")
    visit = clinic.visit(patient, doctor, clinic.at("09:30"), "confirm")
    own, desk = two_boards(new_page, clinic, doctor)
    own.row(visit).locator("summary").click()
    own.press(visit, "No-show")
    own.expect_badge(visit, "No-show")
    desk.expect_badge(visit, "No-show")
    desk.press(visit, "Undo no-show")
    own.expect_badge(visit, "Confirmed")
    assert own.is_the_same_page() and desk.is_the_same_page()


def test_an_open_menu_and_the_focus_survive_a_refresh(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Mena Menu", "gynaecology")
    mine = clinic.visit(clinic.patient("Ann Open"), doctor, clinic.at("10:00"))
    other = clinic.visit(clinic.patient("Ole Other"), doctor, clinic.at("10:30"))
    own = Board(new_page(doctor, DESKTOP))
    own.row(mine).locator("summary").click()
    button = own.row(mine).get_by_role("button", name="No-show")
    button.focus()
    clinic.take(other, "check_in", doctor)

    own.expect_badge(other, "Checked in")
    expect(button).to_be_visible()
    expect(button).to_be_focused()


def test_the_desk_cancels_in_a_dialog(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Carla Call", "gynaecology")
    visit = clinic.visit(clinic.patient("Ivo Ill"), doctor, clinic.at("15:00"))
    own, desk = two_boards(new_page, clinic, doctor)
    desk.row(visit).locator("summary").click()
    desk.row(visit).get_by_role("link", name="Cancel").click()
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("^Cancel .+, ")).click()
    expect(dialog).to_be_hidden()
    own.expect_badge(visit, "Cancelled")
    desk.expect_badge(visit, "Cancelled")
    assert desk.is_the_same_page()


def test_a_step_that_came_too_late_is_told(new_page: NewPage, clinic: Clinic) -> None:
    """The board of a browser whose stream is shut does not know yet what a colleague did."""
    doctor = clinic.doctor("Lara Late", "gynaecology")
    visit = clinic.visit(clinic.patient("Tim Twice"), doctor, clinic.at("11:00"))
    own = Board(new_page(doctor, expects=(409,)))
    hide(own.page, True)
    clinic.take(visit, "check_in", doctor)
    own.press(visit, "Check in")
    expect(own.page.locator(".toast[data-kind=error]")).to_be_visible()
    own.expect_badge(visit, "Booked")
    hide(own.page, False)
    own.expect_badge(visit, "Checked in")


def hide(page: Page, hidden: bool) -> None:
    """What a browser does when another tab is looked at; an automated one shows all of them."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_hidden_tab_gives_its_stream_back_and_catches_up(
    new_page: NewPage, clinic: Clinic
) -> None:
    doctor = clinic.doctor("Hilda Hidden", "gynaecology")
    visit = clinic.visit(clinic.patient("Vic Tab"), doctor, clinic.at("11:30"))
    own = Board(new_page(doctor))
    with own.page.expect_event("requestfailed", lambda request: "/live/" in request.url):
        hide(own.page, True)
    clinic.take(visit, "check_in", doctor)
    own.page.wait_for_timeout(1000)
    own.expect_badge(visit, "Booked")
    hide(own.page, False)
    own.expect_badge(visit, "Checked in")
    expect(own.page.locator(".live")).to_have_text("Live")


def test_what_changes_before_the_stream_is_open_is_not_missed(
    new_page: NewPage, clinic: Clinic
) -> None:
    doctor = clinic.doctor("Gail Gap", "gynaecology")
    visit = clinic.visit(clinic.patient("Ian Between"), doctor, clinic.at("12:00"))
    page = new_page(doctor)

    def change_first(route: Route) -> None:
        clinic.take(visit, "check_in", doctor)
        route.continue_()

    page.route("**/live/**", change_first)
    Board(page).expect_badge(visit, "Checked in")


def test_no_load_loses_the_live_connection(
    new_page: NewPage, clinic: Clinic, record_property: Callable[[str, object], None]
) -> None:
    """Deferred scripts that extend each other must run in their order, each time."""
    doctor = clinic.doctor("Ada Again", "gynaecology")
    visit = clinic.visit(clinic.patient("Rae Load"), doctor, clinic.at("12:00"))
    own, took = Board(new_page(doctor)), []
    for number in range(LOADS):
        step, words = [("check_in", "Checked in"), ("undo_check_in", "Booked")][number % 2]
        own.load()
        own.page.evaluate(NOTE_WHEN_SAID, words)
        began = time.time()
        clinic.take(visit, step, doctor)
        own.expect_badge(visit, words)
        took.append(own.page.evaluate("window.saidAt") / 1000 - began)
    assert statistics.median(took) < 1
    figures = ", ".join(f"{part(took) * 1000:.0f}" for part in (min, statistics.median, max))
    record_property(f"live: from a step to the board, {LOADS} times: min, median, max ms", figures)


# What lies at a point of the screen: the step that a tap there would take, or nothing.
STEP_AT = """([x, y]) => document.elementFromPoint(x, y)?.closest(
  "#board [hx-post], #board summary, #board a")?.id ?? null"""


@pytest.mark.parametrize("first", ["Check in", "Start", "Complete"])
def test_a_second_tap_at_the_same_place_does_nothing(
    new_page: NewPage, clinic: Clinic, first: str
) -> None:
    """Measured on a phone, while the board refreshes and a colleague acts beside."""
    doctor = clinic.doctor(f"Tara {first}", "gynaecology")
    before: dict[str, list[str]] = {"Check in": [], "Start": ["check_in"]}
    steps = before.get(first, ["check_in", "start"])
    visit = clinic.visit(clinic.patient("Una First"), doctor, clinic.at("10:00"), *steps)
    other = clinic.visit(clinic.patient("Bob Below"), doctor, clinic.at("10:30"), "check_in")
    own = Board(new_page(doctor))
    button = own.row(visit).get_by_role("button", name=first)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    below = own.row(other).bounding_box()
    own.page.mouse.click(x, y)
    own.page.wait_for_timeout(150)
    own.page.mouse.click(x, y)
    after = {"Check in": "Checked in", "Start": "In progress", "Complete": "Completed"}[first]
    own.expect_badge(visit, after)
    for _ in range(5):
        assert own.page.evaluate(STEP_AT, [x, y]) is None
        own.page.wait_for_timeout(150)
    own.page.evaluate("document.body.dispatchEvent(new CustomEvent('appointment-changed'))")
    own.page.wait_for_timeout(400)
    own.expect_badge(visit, after)
    assert own.row(other).bounding_box() == below
    expect(own.page.locator(".toast")).to_have_count(1)
    expect(own.page.locator(".toast")).to_contain_text("Una First")
    assert own.page.evaluate("document.activeElement.closest('li')?.id") == f"appt-{visit.id}"


def test_a_finished_row_folds_later_and_can_be_taken_back(
    new_page: NewPage, clinic: Clinic
) -> None:
    doctor = clinic.doctor("Flora Fold", "gynaecology")
    visit = clinic.visit(
        clinic.patient("Olaf Over"), doctor, clinic.at("10:00"), "check_in", "start"
    )
    own = Board(new_page(doctor))
    own.press(visit, "Complete")
    own.expect_badge(visit, "Completed")
    own.page.locator(".toast").get_by_role("button", name="Undo").click()
    own.expect_badge(visit, "In progress")
    own.press(visit, "Complete")
    own.expect_badge(visit, "Completed")
    own.page.wait_for_timeout(8000)
    expect(own.row(visit)).to_be_visible()
    expect(own.row(visit)).to_be_hidden(timeout=5000)


# Whether something that can be tapped lies under a toast.
COVERED = """() => {
  const toast = document.querySelector(".toast").getBoundingClientRect();
  return [...document.querySelectorAll("a[href], button, summary, input, select")]
    .filter((el) => !el.closest("#toasts"))
    .filter((el) => {
      const r = el.getBoundingClientRect();
      return r.width && r.right > toast.left && r.left < toast.right
        && r.bottom > toast.top && r.top < toast.bottom;
    }).map((el) => el.id || el.textContent);
}"""


def test_a_toast_docks_where_nothing_can_be_tapped(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Doris Dock", "gynaecology")
    visits = [
        clinic.visit(clinic.patient(f"Row {number}"), doctor, clinic.at(f"{10 + number}:00"))
        for number in range(5)
    ]
    own = Board(new_page(doctor))
    for visit in visits[1:3]:
        own.press(visit, "Check in")
        own.expect_badge(visit, "Checked in")
        own.page.wait_for_timeout(300)
        expect(own.page.locator(".toast")).to_have_count(1)
        assert own.page.evaluate(COVERED) == []


def test_what_was_over_before_is_not_struck_at_a_refresh(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Olga Old", "gynaecology")
    steps = ("check_in", "start", "complete")
    done = clinic.visit(clinic.patient("Dan Done"), doctor, clinic.at("10:00"), *steps)
    other = clinic.visit(clinic.patient("Nia Next"), doctor, clinic.at("10:30"))
    own = Board(new_page(doctor, DESKTOP))
    clinic.take(other, "check_in", doctor)
    own.expect_badge(other, "Checked in")
    expect(own.row(done)).to_be_visible()
    assert own.page.locator(".kept").count() == 0
    own.press(other, "Start")
    own.expect_badge(other, "In progress")
    own.press(other, "Complete")
    own.expect_badge(other, "Completed")
    assert own.page.locator(".kept").count() == 1
