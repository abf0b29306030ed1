"""On a telephone what matters comes first, and can be hit."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.clinic import Clinic
from tests.browser.visitors import PHONE, NewPage
from tests.cast import PASSWORD

pytestmark = pytest.mark.browser


def top(found: Locator) -> float:
    box = found.bounding_box()
    assert box, found
    return box["y"]


def test_doctor_place_and_emergency_line_stand_before_all_else(
    new_page: NewPage, clinic: Clinic
) -> None:
    doctor, patient = clinic.doctor("Paula Phone", "cardiology"), clinic.patient("Pia Pocket")
    page = new_page(patient, PHONE)
    page.goto(f"/doctors/{doctor.doctor_id}")
    main, times = page.get_by_role("main"), page.locator("#week a.slot").first
    name, place = main.get_by_text("Paula Phone").first, main.locator("p.ico").first
    line = main.get_by_text("Chest pain?")
    assert top(name) < top(place) < top(line) < min(top(times), PHONE["height"] / 2)
    page.goto(f"/appointments/new?doctor={doctor.doctor_id}&start={clinic.at('15:30', 1):%FT%RZ}")
    who = main.get_by_text("Paula Phone").first
    assert top(who) < top(line) < min(top(page.get_by_label("What is the")), PHONE["height"] / 2)


SMALL = """() => [...document.querySelectorAll(".btn, button, .slot, .tabs a, summary, .choice")]
    .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect().height])
    .filter(([, height]) => height > 0 && height < 43.5)"""


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/account/",
        "/account/security",
        "/account/two-factor",
        "/appointments/",
        "{visit}/done",
    ],
)
def test_what_patients_press_is_44_pixels_high(
    new_page: NewPage, clinic: Clinic, path: str
) -> None:
    doctor, patient = clinic.doctor("Tess Target", "geriatrics"), clinic.patient("Tim Thumb")
    visit = clinic.visit(patient, doctor, clinic.at("10:00", days=2))
    page = new_page(patient, PHONE)
    page.goto(path.format(visit=f"/appointments/{visit.id}"))
    assert page.evaluate(SMALL) == []


def test_a_toast_is_closed_by_a_thumb(new_page: NewPage, clinic: Clinic) -> None:
    page = new_page(clinic.patient("Toby Toast"), PHONE)
    page.goto("/appointments/")
    page.evaluate("document.dispatchEvent(new CustomEvent('toast', {detail: {text: 'Saved.'}}))")
    box = page.locator(".toast button").bounding_box()
    assert box
    assert min(box["height"], box["width"]) >= 44


def test_the_heading_of_a_lock_stays_as_large(new_page: NewPage, clinic: Clinic) -> None:
    page = new_page(clinic.patient("Lola Locked"), PHONE, expects=(422,))
    page.goto("/appointments/")
    page.locator("#lock-dialog").evaluate("(dialog) => { dialog.dataset.idle = 0; }")
    heading = page.locator("#lock-title")
    expect(heading).to_be_visible()
    before = heading.bounding_box()
    page.get_by_label("Password").fill(f"not {PASSWORD}")
    page.get_by_role("button", name="Unlock").click()
    expect(page.locator("#lock-problem")).to_be_visible()
    after = heading.bounding_box()
    assert before and after
    assert after["height"] == before["height"]


def test_a_country_narrows_the_zones(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/signup/clinic")
    page.get_by_label("Country").select_option("IN")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Kolkata")
    offered = page.locator("select[name=timezone] option:not([disabled])")
    assert offered.evaluate_all("(found) => found.map((one) => one.value)") == ["", "Asia/Kolkata"]
    page.get_by_label("Country").select_option("PT")
    expect(page.get_by_label("Time zone")).to_have_value("")
    assert offered.count() == 4
