"""A person books: as somebody new, without JavaScript, too late, and with an impatient finger."""

import re
from datetime import datetime
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clinic import Clinic
from tests.browser.visitors import DESKTOP, PHONE, NewPage
from tests.cast import PASSWORD, Person

pytestmark = pytest.mark.browser

REASON = "Sore knee since Sunday"
NUMBERS = count(1)
BROWSERS = pytest.mark.parametrize(
    ("size", "js", "speciality"),
    [(PHONE, True, "Neurology"), (DESKTOP, True, "Oncology"), (PHONE, False, "Urology")],
    ids=["phone", "desktop", "without JavaScript"],
)
WITH_AND_WITHOUT = pytest.mark.parametrize("js", [True, False], ids=["with", "without JavaScript"])


def find(page: Page, speciality: str, doctor: Person, *, js: bool) -> None:
    page.goto("/")
    page.get_by_label("Specialty", exact=True).select_option(label=speciality)
    if not js:
        page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="1 doctor found")).to_be_visible()
    page.get_by_role("link", name=f"All times for {doctor.name}").click()


def pick_a_time_next_week(page: Page) -> str:
    """Returns what the chosen time is called."""
    this_week = page.locator("#week .nowrap").inner_text()
    page.get_by_role("link", name="Next week").click()
    expect(page.locator("#week .nowrap")).not_to_have_text(this_week)
    slot = page.locator("#week a.slot").nth(3)
    label = slot.inner_text()
    slot.click()
    return label


def sign_up(page: Page) -> str:
    """Returns the new person's name."""
    number = next(NUMBERS)
    name = f"Nina Newcomer {number}"
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Email address").fill(f"nina{number}@visitors.example")
    page.get_by_label("Mobile number").fill(f"+44 7400 {number:06}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    return name


def say_why(page: Page, channel: str = "SMS") -> None:
    page.get_by_label("What is the appointment about?").fill(REASON)
    page.locator("label.choice", has_text=channel).click()


def book(page: Page) -> None:
    page.get_by_role("button", name="Book appointment").click()


def expect_booked(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/appointments/[0-9a-f-]{36}/done$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")


def prove(page: Page, clinic: Clinic, doctor: Person) -> None:
    """Enter the code that went with the booking."""
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile("We hold this time until"))
    (visit,) = clinic.visits_with(doctor)
    page.locator("main [name=code]").fill(clinic.texted_code(visit))
    page.get_by_role("main").get_by_role("button", name="Confirm").click()


def chosen(page: Page) -> datetime:
    return datetime.fromisoformat(page.locator("#confirm [name=start]").input_value())


def open_confirm_step(page: Page, doctor: Person) -> datetime:
    """For somebody signed in; returns the instant they chose."""
    page.goto(f"/doctors/{doctor.doctor_id}")
    page.locator("#week a.slot").nth(2).click()
    return chosen(page)


@BROWSERS
def test_somebody_new_books(
    new_page: NewPage, clinic: Clinic, size: dict[str, int], js: bool, speciality: str
) -> None:
    doctor = clinic.doctor("Jonas Weber", speciality.lower())
    page = new_page(size=size, js=js)
    find(page, speciality, doctor, js=js)
    label = pick_a_time_next_week(page)
    expect(page.locator("main")).to_contain_text(label)
    sign_up(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Check and confirm")
    expect(page.locator("aside")).to_contain_text(f"{label} to")
    start = chosen(page)
    say_why(page, "WhatsApp")
    book(page)

    prove(page, clinic, doctor)
    expect_booked(page)
    expect(page.locator("main")).to_contain_text(f"{label} to")
    page.get_by_role("main").get_by_role("link", name="My appointments").click()
    expect(page.locator("#list")).to_contain_text(f"{label} with {doctor.name}")
    (visit,) = clinic.visits_with(doctor)
    assert (visit.starts_at, visit.reason, visit.channel) == (start, REASON, "whatsapp")


def test_somebody_known_logs_in_on_the_way(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Rita Return", "dermatology"), clinic.patient("Kay Known")
    page = new_page()
    page.goto(f"/doctors/{doctor.doctor_id}")
    slot = page.locator("#week a.slot").nth(4)
    label = slot.inner_text()
    slot.click()
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    expect(page.get_by_role("region", name="The time you chose")).to_contain_text(label)
    page.get_by_label("Email address").fill(patient.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#confirm aside")).to_contain_text(f"{label} to")
    say_why(page)
    book(page)
    expect_booked(page)
    assert [visit.patient_id for visit in clinic.visits_with(doctor)] == [patient.patient_id]


@WITH_AND_WITHOUT
def test_a_time_taken_meanwhile_costs_nothing_typed(
    new_page: NewPage, clinic: Clinic, js: bool
) -> None:
    doctor = clinic.doctor("Mara Lindt", "geriatrics")
    slow, quick = clinic.patient("Sue Slow"), clinic.patient("Quentin Quick")
    page = new_page(slow, js=js, expects=(409,))
    start = open_confirm_step(page, doctor)
    say_why(page, "Email")
    clinic.visit(quick, doctor, start)
    book(page)

    expect(page.get_by_role("alert")).to_contain_text("That time was just taken.")
    assert REASON not in page.url
    page.locator("#choices button.slot").first.click()
    expect(page.get_by_label("What is the appointment about?")).to_have_value(REASON)
    expect(page.get_by_role("radio", name="Email")).to_be_checked()
    assert chosen(page) != start
    book(page)

    expect_booked(page)
    mine = [one for one in clinic.visits_with(doctor) if one.patient_id == slow.patient_id]
    assert [(one.reason, one.channel) for one in mine] == [(REASON, "email")]


@WITH_AND_WITHOUT
def test_a_double_click_books_once(new_page: NewPage, clinic: Clinic, js: bool) -> None:
    doctor = clinic.doctor("Petra Prompt", "paediatrics")
    page = new_page(clinic.patient("Dora Double"), DESKTOP, js=js)
    open_confirm_step(page, doctor)
    say_why(page)
    page.get_by_role("button", name="Book appointment").dblclick()
    expect_booked(page)
    assert len(clinic.visits_with(doctor)) == 1


def test_a_form_with_a_gap_comes_back_with_the_rest(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Olga Open", "psychiatry")
    page = new_page(clinic.patient("Greta Gap"), expects=(422,))
    start = open_confirm_step(page, doctor)
    page.locator("label.choice", has_text="WhatsApp").click()
    page.get_by_label("What is the appointment about?").fill("   ")
    book(page)

    expect(page.get_by_role("heading", name="There is a problem")).to_be_focused()
    expect(page.get_by_role("radio", name="WhatsApp")).to_be_checked()
    assert chosen(page) == start
    page.get_by_label("What is the appointment about?").fill(REASON)
    book(page)
    expect_booked(page)


def test_the_patient_cancels_in_a_dialog(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Karl Kind", "pulmonology"), clinic.patient("Cleo Cancel")
    clinic.visit(patient, doctor, clinic.at("10:00", days=2))
    page = new_page(patient)
    page.goto("/appointments/")
    page.get_by_role("main").get_by_role("link", name="Cancel").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_be_focused()
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("main").get_by_role("link", name="Cancel").click()
    dialog.get_by_role("button", name="Cancel appointment").click()

    expect(dialog).to_be_hidden()
    expect(page.locator("#list .badge")).to_have_text(["Cancelled"])
    expect(page.locator("#toasts")).to_contain_text("Appointment cancelled.")
    assert [visit.status for visit in clinic.visits_with(doctor)] == ["cancelled"]
