"""The screen locks in place: covered, not reloaded, and what was typed is there afterwards."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clinic import Clinic
from tests.browser.visitors import DESKTOP, NewPage
from tests.cast import PASSWORD, Person

pytestmark = pytest.mark.browser

REASON = "What is the appointment about?"


@pytest.fixture(scope="module")
def doctor(clinic: Clinic) -> Person:
    return clinic.doctor("Lena Lock")


def wait_too_long(page: Page) -> None:
    """As if the idle time had passed."""
    page.locator("#lock-dialog").evaluate("(dialog) => { dialog.dataset.idle = 0; }")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    page.locator("#lock-dialog").evaluate("(dialog) => { dialog.dataset.idle = 900; }")


def enter(page: Page, password: str) -> None:
    page.locator("#lock-password").fill(password)
    page.get_by_role("button", name="Unlock").click()


def booking_of(clinic: Clinic, doctor: Person, wall: str) -> str:
    start = f"{clinic.at(wall, days=5):%Y-%m-%dT%H:%MZ}"
    return f"/appointments/new?doctor={doctor.doctor_id}&start={start}"


def test_what_was_typed_is_covered_and_comes_back(
    new_page: NewPage, clinic: Clinic, doctor: Person
) -> None:
    page = new_page(clinic.patient("Pia Typing"), expects=(422,))
    page.goto(booking_of(clinic, doctor, "10:00"))
    page.get_by_label(REASON).fill("Half a sentence")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    wait_too_long(page)
    assert asked == []  # the timer asks the server nothing
    expect(page.get_by_label(REASON)).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_hidden()
    expect(page.locator("#lock-password")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    enter(page, "not this one")
    expect(page.get_by_text("That is not your password.")).to_be_visible()
    enter(page, PASSWORD)
    expect(page.get_by_role("heading", name="Locked")).to_be_hidden()
    expect(page.get_by_label(REASON)).to_have_value("Half a sentence")
    expect(page.get_by_label(REASON)).to_be_focused()
    assert page.locator("#lock-password").input_value() == ""


def test_the_server_says_it_first(new_page: NewPage, clinic: Clinic, doctor: Person) -> None:
    """An act on a page whose session has gone to sleep opens the dialog, and nothing is lost."""
    pia = clinic.patient("Pia Sending")
    page = new_page(pia, expects=(401,))
    page.goto(booking_of(clinic, doctor, "11:00"))
    page.get_by_label(REASON).fill("Still here")
    clinic.put_to_sleep(pia)
    page.get_by_role("button", name="Book appointment").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    assert clinic.visits_with(doctor) == []
    enter(page, PASSWORD)
    expect(page.get_by_label(REASON)).to_have_value("Still here")
    page.get_by_role("button", name="Book appointment").click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    assert len(clinic.visits_with(doctor)) == 1


def test_a_form_of_the_desk_is_refused_and_sent_again(new_page: NewPage, clinic: Clinic) -> None:
    amir = clinic.admin("Amir Away")
    page = new_page(amir, DESKTOP, expects=(401, 422))
    page.goto("/admin/users/new")
    page.get_by_label("Full name").fill("Nele Newcomer")
    page.get_by_label("Email address").fill("nele@harbour-desk.example")
    page.get_by_label("Role").select_option("staff")
    clinic.put_to_sleep(amir)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    enter(page, "not this one")
    expect(page.get_by_text("That is not your password.")).to_be_visible()
    expect(page.get_by_label("Full name")).to_be_hidden()
    enter(page, PASSWORD)
    expect(page.get_by_label("Full name")).to_have_value("Nele Newcomer")
    expect(page.get_by_label("Email address")).to_have_value("nele@harbour-desk.example")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nele Newcomer")


def test_without_scripts_the_form_goes_on_with_the_password(
    new_page: NewPage, clinic: Clinic
) -> None:
    doctor, pia = clinic.doctor("Nora Noscript"), clinic.patient("Pia Plain")
    page = new_page(pia, js=False, expects=(401,))
    page.goto(booking_of(clinic, doctor, "11:30"))
    page.get_by_label(REASON).fill("A knee & <more>")
    clinic.put_to_sleep(pia)
    page.get_by_role("button", name="Book appointment").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    enter(page, PASSWORD)
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    assert [visit.reason for visit in clinic.visits_with(doctor)] == ["A knee & <more>"]


def test_a_page_beside_keeps_this_one_open_and_opens_it(new_page: NewPage, clinic: Clinic) -> None:
    page = new_page(clinic.desk("Dora Desk"))
    page.goto("/account/")
    beside = page.context.new_page()
    beside.goto("/account/security")
    wait_too_long(page)
    wait_too_long(beside)
    enter(beside, PASSWORD)
    for one in (beside, page):
        expect(one.get_by_role("heading", name="Locked")).to_be_hidden()
        expect(one.get_by_role("heading", name="Your account")).to_be_visible()


def test_a_session_that_is_over_leads_to_the_login(new_page: NewPage, clinic: Clinic) -> None:
    page = new_page(clinic.desk("Olga Over"), expects=(400,))
    page.goto("/account/")
    wait_too_long(page)
    page.context.clear_cookies()
    enter(page, PASSWORD)
    expect(page).to_have_url("/login?next=%2Faccount%2F")
