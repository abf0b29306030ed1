"""What the clinic sends arrives on a telephone, and what is answered there changes the visit."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from clinic.appointments.models import Appointment
from tests.browser.clinic import Clinic
from tests.browser.live_pages import SOON_MS, Board, Ledger, LivePage, Telephone, inbox_of
from tests.browser.test_booking import book, expect_booked, open_confirm_step, say_why
from tests.browser.visitors import DESKTOP, PHONE, NewPage
from tests.cast import Person

pytestmark = pytest.mark.browser

WALL = "16:30"  # today: on the boards, and early enough to be cancelled by the patient
PATIENCE_S = 10


def free_slot(page: Page, doctor: Person) -> Locator:
    """The half hour of today at which these visits are, on the doctor's week page."""
    page.goto(f"/doctors/{doctor.doctor_id}")
    return page.locator(".slot-day").first.get_by_role("link", name=re.compile(WALL))


def book_in_browser(page: Page, doctor: Person, channel: str) -> None:
    open_confirm_step(page, doctor)
    say_why(page, channel)
    book(page)
    expect_booked(page)


def only_visit(clinic: Clinic, doctor: Person) -> Appointment:
    (visit,) = clinic.visits_with(doctor)
    return visit


def status_of(clinic: Clinic, doctor: Person) -> str:
    return only_visit(clinic, doctor).status


def reload_until_there(page: Page, wanted: Locator) -> None:
    """What people without a script do."""
    deadline = time.monotonic() + PATIENCE_S
    while not wanted.count() and time.monotonic() < deadline:
        page.wait_for_timeout(200)
        page.reload()
    expect(wanted).to_be_visible()


def test_a_text_is_answered_and_the_boards_show_it(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Rosa Reply", "cardiology"), clinic.patient("Ana Answer")
    telephone = Telephone(new_page(), clinic.phone_of(patient))
    own, desk = Board(new_page(doctor)), Board(new_page(clinic.desk("Rosa's desk"), DESKTOP))
    page = new_page(patient)
    free_slot(page, doctor).click()
    say_why(page)
    book(page)
    expect_booked(page)

    expect(telephone.texts).to_have_count(1)
    expect(telephone.texts).to_contain_text(
        f"{WALL}, {doctor.name}, Quay Street. Reply C to confirm, X to"
    )
    visit = only_visit(clinic, doctor)
    for board in (own, desk):
        board.expect_badge(visit, "Booked")
    expect(free_slot(page, doctor)).to_have_count(0)

    telephone.reply("C")
    for board in (own, desk):
        board.expect_badge(visit, "Confirmed")
    expect(telephone.texts).to_have_count(3)
    expect(telephone.texts.last).to_contain_text(f"{WALL} is confirmed.")

    telephone.reply("X")
    for board in (own, desk):
        board.expect_badge(visit, "Cancelled")
    expect(telephone.texts.last).to_contain_text(f"{WALL} is cancelled.")
    expect(free_slot(page, doctor)).to_be_visible()
    for live in (telephone, own, desk):
        assert live.is_the_same_page()


def test_the_desk_reads_a_message_and_sends_it_again(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Stella Story", "cardiology"), clinic.patient("Bea Told")
    telephone = Telephone(new_page(), clinic.phone_of(patient))
    ledger = Ledger(new_page(clinic.desk("Stella's desk"), DESKTOP))
    clinic.visit(patient, doctor, clinic.at("10:00", days=2))

    row = ledger.rows_of(patient.name)
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Booking confirmed")
    expect(row.locator(".badge")).to_have_text("Delivered")
    assert ledger.is_the_same_page()
    row.get_by_role("link").click()
    desk = ledger.page
    expect_story(desk, ["Queued", "Attempt 1", "Delivered"])
    expect(desk.locator("#story .msg")).to_contain_text(
        f"{doctor.name}, Quay Street. Reply C to confirm"
    )
    expect(desk.locator("#story")).to_contain_text("•••")
    token = (telephone.texts.get_by_role("link").get_attribute("href") or "").rpartition("/")[2]
    assert len(token) == 22
    assert token not in desk.content()

    first = desk.url
    desk.get_by_role("button", name="Send again").click()
    desk.wait_for_url(lambda url: url != first)
    expect_story(desk, ["Queued, to say it again", "Attempt 1", "Delivered"])
    expect(telephone.texts).to_have_count(2)
    first_text, again = telephone.texts.locator("p").all_inner_texts()
    assert first_text == again

    telephone.reply("C")
    ledger.load()
    expect(ledger.rows_of(patient.name)).to_have_count(3)
    expect(ledger.rows_of(patient.name).first).to_contain_text("Answer")


def expect_story(desk: Page, steps: list[str]) -> None:
    """All of it, sooner or later, though nobody loads the page again."""
    expect(desk).to_have_url(re.compile(r"/messages/[0-9a-f-]{36}$"))
    desk.evaluate("window.isTheSamePage = true")
    expect(desk.locator("#story .log li .strong")).to_have_text(steps)
    expect(desk.locator("#story .badge")).to_have_text("Delivered")
    assert desk.evaluate("window.isTheSamePage === true")


REFRESHED_AT_ONCE = """document.addEventListener("htmx:afterSwap", () => setTimeout(() =>
  document.querySelector("#seen")?.removeAttribute("data-focus")))"""


def _answered_late(route: Route) -> None:
    answer = route.fetch()
    time.sleep(1.5)
    route.fulfill(response=answer)


def test_a_failure_shows_while_the_story_is_read(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Fay Failed", "cardiology"), clinic.patient("Gus Gone")
    visit = clinic.visit(patient, doctor, clinic.at("11:00", days=2))
    message_id = clinic.waiting_message(visit)
    story = LivePage(new_page(clinic.desk("Fay's desk")), f"/messages/{message_id}")
    badge = story.page.locator("#story .badge")
    expect(badge).to_have_text("Queued")
    clinic.report_unreachable(message_id)
    expect(badge).to_have_text("Failed", timeout=SOON_MS)
    expect(story.page.locator("#story .log")).to_contain_text("The telephone cannot be reached")
    assert story.is_the_same_page()

    # The ring may be heard before the answer: the button is gone by then, and the focus with it.
    story.page.route("**/seen", _answered_late)
    # Or just after it: no refresh may come between the new part and its focus.
    story.page.evaluate(REFRESHED_AT_ONCE)
    story.page.get_by_role("button", name="Mark as seen").click()
    expect(story.page.locator("#seen")).to_be_focused()
    expect(story.page.get_by_role("button", name="Mark as seen")).to_have_count(0)
    assert story.is_the_same_page()


def test_the_link_of_a_text_works_without_javascript(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Lina Link", "cardiology"), clinic.patient("Cora Press")
    clinic.visit(patient, doctor, clinic.at(WALL))
    page = new_page(js=False, size=PHONE)
    page.goto(inbox_of(clinic.phone_of(patient)))
    link = page.locator("#thread .msg", has_text=doctor.name).get_by_role("link")
    reload_until_there(page, link)
    url = link.inner_text()
    link.click()

    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Your appointment")
    expect(page.get_by_role("main")).to_contain_text(doctor.name)
    expect(page.get_by_role("main")).not_to_contain_text(patient.name)
    assert "BEGIN:VCALENDAR" in page.request.get(f"{url}/calendar.ics").text()
    page.goto(f"{url}/cancel")
    assert page.request.get(f"{url}/confirm").status == 405
    assert status_of(clinic, doctor) == "scheduled"

    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("button", name="Confirm that you are coming").click()
    expect(heading).to_have_text("You are confirmed")
    assert status_of(clinic, doctor) == "confirmed"

    page.get_by_role("link", name="Cancel appointment").click()
    expect(heading).to_have_text("Cancel this appointment?")
    assert status_of(clinic, doctor) == "confirmed"
    expect(free_slot(page, doctor)).to_have_count(0)
    page.goto(f"{url}/cancel")
    page.get_by_role("button", name="Cancel appointment").click()
    expect(heading).to_have_text("Your appointment is cancelled")
    assert status_of(clinic, doctor) == "cancelled"
    page.get_by_role("link", name="Find another time").click()
    expect(page).to_have_url(re.compile(f"/doctors/{doctor.doctor_id}"))
    expect(free_slot(page, doctor)).to_be_visible()


def test_a_letter_arrives_with_a_link_that_works(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Lotte Letter", "cardiology"), clinic.patient("Dan Mail")
    telephone = Telephone(new_page(), clinic.phone_of(patient))
    book_in_browser(new_page(patient), doctor, "Email")

    letter = telephone.letters_to(patient.email)
    expect(letter).to_have_count(1)
    assert telephone.is_the_same_page()
    expect(letter.locator("summary")).to_contain_text("Harbour Clinic: your appointment on")
    if not letter.evaluate("(details) => details.open"):
        letter.locator("summary").click()
    expect(letter.locator(".letter-body")).to_contain_text("Your appointment is booked.")
    letter.get_by_role("link").click()
    page = telephone.page
    page.get_by_role("button", name="Confirm that you are coming").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are confirmed")
    assert status_of(clinic, doctor) == "confirmed"


def test_after_stop_nothing_is_texted_and_the_ledger_says_so(
    new_page: NewPage, clinic: Clinic
) -> None:
    doctor, patient = clinic.doctor("Sam Silent", "cardiology"), clinic.patient("Eve Enough")
    telephone = Telephone(new_page(), clinic.phone_of(patient))
    ledger = Ledger(new_page(clinic.desk("Sam's desk"), DESKTOP))
    clinic.visit(patient, doctor, clinic.at("10:00", days=2))
    expect(telephone.texts).to_have_count(1)
    telephone.reply("STOP")
    expect(telephone.texts).to_have_count(2)
    clinic.visit(patient, doctor, clinic.at("10:30", days=3))

    # What cannot be texted goes by letter; the STOP itself carries her name.
    rows = ledger.rows_of(patient.name)
    expect(rows.locator(".badge")).to_have_text(["Delivered", "Received", "Delivered"])
    expect(rows.first).to_contain_text("Email")
    assert ledger.is_the_same_page()
    telephone.load()
    expect(telephone.texts).to_have_count(2)
    expect(telephone.texts.last).to_have_text(re.compile("^STOP"))
