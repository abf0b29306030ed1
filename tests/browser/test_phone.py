"""On a telephone what matters comes first, and can be hit."""

import pytest
from playwright.sync_api import Locator

from tests.browser.clinic import Clinic
from tests.browser.visitors import PHONE, NewPage

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
