"""Without a mouse: few stops, and after each act the keyboard is where the work goes on."""

import re

import pytest
from playwright.sync_api import Page, expect

from clinic.appointments.models import Appointment
from tests.browser.clinic import Clinic
from tests.browser.live_pages import Board
from tests.browser.visitors import DESKTOP, PHONE, NewPage
from tests.cast import Person

pytestmark = pytest.mark.browser

AT = """() => {
  const at = document.activeElement;
  return [at.localName, at.id, at.closest("li[id]")?.id ?? ""];
}"""
FEW_STOPS = 6  # from the arrows of a week to what stands behind its times


def at(page: Page) -> tuple[str, str, str]:
    """What has the focus: its kind, its id, and the row it stands in."""
    name, key, row = page.evaluate(AT)
    return name, key, row


def expect_at_row(board: Board, visit: Appointment) -> None:
    board.page.wait_for_timeout(700)  # the refresh by the ring, too
    name, _, row = at(board.page)
    assert (row, name in ("summary", "button", "a")) == (f"appt-{visit.id}", True), at(board.page)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def day_of(clinic: Clinic, name: str) -> tuple[Person, Appointment, Appointment]:
    doctor = clinic.doctor(name, "gynaecology")
    first = clinic.visit(clinic.patient("Fay First"), doctor, clinic.at("10:00"))
    clinic.visit(clinic.patient("Sue Second"), doctor, clinic.at("10:30"))
    later = clinic.visit(clinic.patient("Lia Later"), doctor, clinic.at("15:00"))
    return doctor, first, later


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_each_step_of_a_visit_keeps_the_keyboard_in_its_row(
    new_page: NewPage, clinic: Clinic, size: dict[str, int]
) -> None:
    doctor, visit, _ = day_of(clinic, f"Kay Board {size['width']}")
    board = Board(new_page(doctor, size))
    for step, words in (("Check in", "Checked in"), ("Start", "In progress")):
        board.row(visit).get_by_role("button", name=step).focus()
        press(board.page, "Enter")
        board.expect_badge(visit, words)
        expect_at_row(board, visit)
        board.page.wait_for_timeout(1500)  # a second tap within it does nothing
    board.row(visit).get_by_role("button", name="Complete").focus()
    press(board.page, "Enter")
    board.expect_badge(visit, "Completed")
    expect_at_row(board, visit)
    board.page.locator(".toast").get_by_role("button", name="Undo").focus()
    press(board.page, "Enter")
    board.expect_badge(visit, "In progress")
    expect_at_row(board, visit)


def test_after_it_folded_the_next_row_has_the_keyboard(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Fola Fold", "gynaecology")
    steps = ("check_in", "start")
    visit = clinic.visit(clinic.patient("Fay First"), doctor, clinic.at("10:00"), *steps)
    board = Board(new_page(doctor))
    board.row(visit).get_by_role("button", name="Complete").focus()
    press(board.page, "Enter")
    expect(board.row(visit)).to_be_hidden(timeout=15_000)
    board.page.wait_for_timeout(300)
    assert at(board.page)[0] != "body"


def test_a_menu_is_left_where_it_was_opened(new_page: NewPage, clinic: Clinic) -> None:
    doctor, _, visit = day_of(clinic, "Mina Menu")
    board = Board(new_page(clinic.desk("Desk of Mina"), DESKTOP))
    board.page.goto(f"/board/?doctor={doctor.doctor_id}")
    board.row(visit).locator("summary").focus()
    press(board.page, "Enter")
    board.row(visit).get_by_role("link", name=re.compile("^Cancel")).focus()
    press(board.page, "Enter")
    expect(board.page.get_by_role("dialog")).to_be_visible()
    press(board.page, "Escape")
    expect(board.page.get_by_role("dialog")).to_be_hidden()
    expect_at_row(board, visit)
    assert at(board.page)[0] == "summary"
    press(board.page, "Enter")
    board.row(visit).get_by_role("button", name=re.compile("^Confirm")).focus()
    press(board.page, "Enter")
    board.expect_badge(visit, "Confirmed")
    expect_at_row(board, visit)


def test_a_dialog_of_a_patients_menu_gives_the_keyboard_back(
    new_page: NewPage, clinic: Clinic
) -> None:
    doctor, patient = clinic.doctor("Dina Dialog", "gynaecology"), clinic.patient("Pia Patient")
    for days in (2, 3):
        clinic.visit(patient, doctor, clinic.at("10:00", days=days))
    page = new_page(patient)
    page.goto("/appointments/")
    menu = page.locator("main details.menu").first
    menu.locator("summary").focus()
    press(page, "Enter")
    menu.get_by_text("Cancel").focus()
    press(page, "Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.wait_for_timeout(200)
    expect(menu.locator("summary")).to_be_focused()


def test_a_closed_toast_leads_back(new_page: NewPage, clinic: Clinic) -> None:
    doctor, visit, _ = day_of(clinic, "Tora Toast")
    board = Board(new_page(doctor, DESKTOP))
    board.row(visit).get_by_role("button", name="Check in").focus()
    press(board.page, "Enter")
    board.expect_badge(visit, "Checked in")
    board.page.locator(".toast").get_by_role("button", name="Close").focus()
    press(board.page, "Enter")
    expect(board.page.locator(".toast")).to_have_count(0)
    expect_at_row(board, visit)


def test_a_click_beside_everything_takes_nothing_back(new_page: NewPage, clinic: Clinic) -> None:
    """Who let go of a thing is not called back to it when it changes."""
    doctor, visit, _ = day_of(clinic, "Bea Beside")
    board = Board(new_page(doctor, DESKTOP))
    board.row(visit).get_by_role("button", name="Check in").focus()
    board.page.evaluate("document.activeElement.blur()")
    board.page.wait_for_timeout(100)
    clinic.take(visit, "check_in", doctor)
    board.expect_badge(visit, "Checked in")
    assert at(board.page)[0] == "body"


def test_what_was_seen_leaves_the_keyboard_on_the_page(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Sara Seen", "gynaecology")
    visit = clinic.visit(clinic.patient("Gus Gone"), doctor, clinic.at("11:00", days=2))
    message_id = clinic.waiting_message(visit)
    clinic.report_unreachable(message_id)
    page = new_page(clinic.desk("Desk of Sara"), DESKTOP)
    page.goto(f"/messages/{message_id}")
    page.get_by_role("button", name="Mark as seen").focus()
    press(page, "Enter")
    expect(page.get_by_role("button", name="Mark as seen")).to_have_count(0)
    page.wait_for_timeout(700)
    assert at(page)[1] == "seen"
    press(page, "Tab")
    assert at(page)[1] in ("resend", "email-instead", "call")


def open_next_week(page: Page, doctor: Person) -> None:
    """Of this one little may be left."""
    page.goto(f"/doctors/{doctor.doctor_id}")
    page.goto(page.locator("#week-next").get_attribute("href") or "")


def test_a_week_is_one_stop_and_arrows_lead_through_it(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Wanda Week", "gynaecology")
    page = new_page(size=DESKTOP)
    open_next_week(page, doctor)
    assert page.locator("a.slot").count() > 50
    page.locator("#week-next").focus()
    stops = 0
    while page.evaluate("!!document.activeElement.closest('.split, #week')") and stops < 80:
        press(page, "Tab")
        stops += 1
    assert stops <= FEW_STOPS
    page.locator("#week-next").focus()
    press(page, "Tab")
    days = page.locator(".slot-day:has(a.slot)")
    first = days.nth(0).locator("a.slot")
    expect(first.nth(0)).to_be_focused()
    press(page, "ArrowDown")
    expect(first.nth(1)).to_be_focused()
    press(page, "ArrowUp", "ArrowRight")
    name = page.evaluate(
        "document.activeElement.closest('.slot-day').querySelector('h2').innerText"
    )
    assert name == days.nth(1).locator("h2").inner_text()
    press(page, "Shift+Tab")
    expect(page.locator("#week-next")).to_be_focused()
    press(page, "Tab", "End")
    expect(page.locator("a.slot").last).to_be_focused()
    press(page, "Home", "Enter")
    expect(page).to_have_url(re.compile("/appointments/new"))


def test_a_week_that_was_turned_is_one_stop_again(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Tess Turned", "gynaecology")
    page = new_page(size=PHONE)
    page.goto(f"/doctors/{doctor.doctor_id}")
    label = page.locator("#week .nowrap.strong")
    before = label.inner_text()
    page.locator("#week-next").focus()
    press(page, "Enter")
    expect(label).not_to_have_text(before)  # of the whole week the text is never as it is shown
    expect(page.locator("#week-next")).to_be_focused()
    expect(page.locator("a.slot:not([tabindex='-1'])")).to_have_count(1)
    press(page, "Tab", "ArrowRight")
    expect(page.locator("a.slot").nth(1)).to_be_focused()


def test_without_javascript_each_time_is_a_link(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Nola Nojs", "gynaecology")
    page = new_page(js=False)
    open_next_week(page, doctor)
    assert page.locator("a.slot[href]").count() > 50
    assert page.locator("a.slot[tabindex]").count() == 0
    expect(page.locator(".keys")).to_be_hidden()


def test_only_a_count_is_read_out_while_a_person_is_looked_for(
    new_page: NewPage, clinic: Clinic
) -> None:
    doctor = clinic.doctor("Cora Count", "gynaecology")
    for number in range(3):
        clinic.patient(f"Ottilie Oddname {number}")
        clinic.visit(clinic.patient(f"Olga Oddname {number}"), doctor, clinic.at(f"1{number}:00"))
    page = new_page(clinic.desk("Desk of Cora"), DESKTOP)
    start = clinic.at("15:30", days=1).strftime("%Y-%m-%dT%H:%MZ")
    page.goto(f"/appointments/new?doctor={doctor.doctor_id}&start={start}")
    status = page.locator("#found-count")
    status.evaluate("(one) => { one.kept = true; }")
    page.locator("#person input[type=search]").press_sequentially("zz")
    expect(status).to_have_text("No patient of this clinic matches.")
    page.locator("#person input[type=search]").fill("")
    page.locator("#person input[type=search]").press_sequentially("oddname")
    expect(page.locator("#found li").first).to_be_visible()
    expect(status).to_have_text(re.compile(r"^\d+ patients?$"))
    assert status.evaluate("(one) => one.kept === true")  # the region that was there says it


@pytest.mark.parametrize(
    ("path", "field", "status"),
    [("/patients/", "#q", "#people-count"), ("/patients/", "#top-q", "#top-count")],
)
def test_a_count_takes_the_place_of_the_one_before(
    new_page: NewPage, clinic: Clinic, path: str, field: str, status: str
) -> None:
    doctor = clinic.doctor(f"Pola {status}", "gynaecology")
    word = f"Placeholder{status[1:4]}"
    for number in range(2):
        person = clinic.patient(f"Petra {word} {number}")
        clinic.visit(person, doctor, clinic.at(f"1{number}:00", days=1))
    page = new_page(clinic.desk("Desk of Petra"), DESKTOP)
    page.goto(path)
    said = page.locator(status)
    for typed in ("zzzz", word):
        before = said.inner_text()
        page.locator(field).fill(typed)
        expect(said).not_to_have_text(before)
        assert said.locator("*").count() == 0
    expect(said).to_contain_text("2")
