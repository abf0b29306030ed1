"""Somebody rings: how many clicks it takes until they have their answer."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clinic import Clinic
from tests.browser.visitors import DESKTOP, PHONE, NewPage

pytestmark = pytest.mark.browser

CLICKS = """document.addEventListener("click", () => {
  localStorage.clicks = Number(localStorage.clicks || 0) + 1;
}, true)"""


def clicks(page: Page) -> int:
    return int(page.evaluate("localStorage.clicks || 0"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_when_is_my_appointment(new_page: NewPage, clinic: Clinic, size: dict[str, int]) -> None:
    doctor = clinic.doctor(f"Cara Calling {size['width']}", "cardiology")
    name = f"Zelda Zimmer {size['width']}"
    visit = clinic.visit(clinic.patient(name), doctor, clinic.at("10:00", days=3))
    page = new_page(clinic.desk(f"Dora Desk {size['width']}"), size)
    page.add_init_script(CLICKS)
    page.goto("/board/")
    if size is PHONE:
        page.get_by_role("link", name="Find a patient").click()
        field = page.locator("#q")
    else:
        field = page.locator("#top-q")
    field.focus()
    page.keyboard.type(" ".join(reversed(name.split(" ", 1))).lower())
    found = page.locator("#people, #top-found").get_by_role("listitem").filter(has_text=name)
    expect(found.first).to_contain_text(visit.code)
    expect(found.first).to_contain_text(doctor.name)
    found.first.get_by_role("link", name="Move").click()
    expect(page).to_have_url(f"/appointments/{visit.id}/reschedule")
    assert clicks(page) < 4


def test_somebody_unknown_is_booked(new_page: NewPage, clinic: Clinic) -> None:
    """The chosen time stays chosen while they are registered."""
    doctor = clinic.doctor("Nora Newcome", "haematology")
    page = new_page(clinic.desk("Dagmar Desk"), DESKTOP)
    page.goto(f"/doctors/{doctor.doctor_id}")
    page.locator("#week a.slot").first.click()
    page.locator("#find").fill("Quentin Quirke")
    expect(page.locator("#found")).to_contain_text("No patient of this clinic matches")
    page.get_by_role("button", name="Register a new patient").click()
    expect(page.get_by_label("Full name")).to_have_value("Quentin Quirke")
    page.get_by_label("Date of birth").fill("17/05/1988")
    page.get_by_label("Phone").fill("07400 123456")
    page.get_by_role("button", name="Register and go on booking").click()
    expect(page.locator("#person")).to_contain_text("Quentin Quirke")
    page.get_by_label("What is the appointment of Quentin Quirke about?").fill("Cough")
    page.get_by_role("button", name="Book appointment").click()
    expect(page.locator("#done-title")).to_be_visible()


@pytest.mark.parametrize("js", [True, False], ids=["with", "without JavaScript"])
def test_what_stands_in_the_box_is_carried(new_page: NewPage, clinic: Clinic, js: bool) -> None:
    """However fast somebody types and clicks, on the list and within a booking."""
    doctor, desk = clinic.doctor("Fay Fast", "haematology"), clinic.desk("Della Desk")
    start = clinic.at("15:30", days=2)
    page = new_page(desk, DESKTOP, js=js)
    for path, box in (
        ("/patients/", "#q"),
        (f"/appointments/new?doctor={doctor.doctor_id}&start={quote(start.isoformat())}", "#find"),
    ):
        page.goto(path)
        page.locator(box).fill("Quincy Quick")
        page.get_by_role("button", name="Register a new patient").click()
        expect(page.get_by_label("Full name")).to_have_value("Quincy Quick")
    expect(page.get_by_role("button", name="Register and go on booking")).to_be_visible()
