"""The desk writes a reminder for many, sees how it reads, and sees it arrive."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.live_pages import Telephone
from tests.browser.test_messages import reload_until_there
from tests.browser.visitors import DESKTOP, NewPage

pytestmark = pytest.mark.browser


def test_a_weekly_reminder_by_whatsapp_for_a_doctors_patients(
    new_page: NewPage, clinic: Clinic
) -> None:
    doctor, patient = clinic.doctor("Wanda Weekly", "cardiology"), clinic.patient("Paul Pressure")
    clinic.visit(patient, doctor, clinic.at("10:00", days=3))
    telephone = Telephone(new_page(), clinic.phone_of(patient))
    page = new_page(clinic.desk("Dora Desk"), DESKTOP)
    page.goto("/reminders/")
    page.get_by_role("link", name="New reminder").first.click()
    page.get_by_label("Title").fill("Blood pressure")
    page.get_by_label("Message").fill("Please measure it today, and bring the list.")
    page.get_by_text("A doctor's patients").click()
    page.get_by_text("A doctor, days or an address").click()
    page.locator("#doctor").select_option(str(doctor.doctor_id))
    page.get_by_label("Day", exact=True).fill(f"{clinic.at('09:00') + timedelta(days=1):%Y-%m-%d}")
    page.get_by_label("Time", exact=True).fill("09:00")
    page.get_by_label("Again").select_option(label="Every week on certain days")
    page.get_by_label("Sent by").select_option(label="WhatsApp")
    page.get_by_role("button", name="See how it reads").click()
    reads = "Harbour Clinic: Blood pressure. Please measure it today, and bring the list."
    expect(page.get_by_text(reads)).to_be_visible()
    expect(page.get_by_text("Goes to 1 person now.")).to_be_visible()
    page.get_by_role("button", name="Save reminder").click()
    expect(page.get_by_role("heading", name="Blood pressure")).to_be_visible()
    expect(page.get_by_text("Every week on")).to_be_visible()

    page.get_by_text("Send it now").first.click()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("On its way.")).to_be_visible()
    reload_until_there(page, page.get_by_role("row", name="Paul Pressure").get_by_text("Delivered"))
    expect(telephone.texts.last).to_contain_text(reads)
