"""A doctor leaves: what is asked, who is told, and what waits until somebody decides."""

import pytest
from playwright.sync_api import Locator, Page, expect

from clinic.appointments.models import Appointment
from tests.browser.clinic import Clinic
from tests.browser.live_pages import Telephone
from tests.browser.visitors import DESKTOP, PHONE, NewPage, axe_finds, log_in
from tests.cast import Person

pytestmark = pytest.mark.browser


def open_doctor(page: Page, doctor: Person) -> None:
    page.goto(f"/admin/users/{doctor.user_id}")
    page.get_by_role("button", name="Deactivate").click()


def waiting(page: Page, name: str) -> Locator:
    return page.locator("#left").get_by_role("listitem").filter(has_text=name)


def stands(clinic: Clinic, doctor: Person) -> list[tuple[str, str | None]]:
    return [(one.status, one.cancel_reason) for one in clinic.visits_with(doctor)]


def own_list(page: Page) -> Locator:
    page.goto("/appointments/")
    return page.locator("#list")


def test_a_doctor_who_leaves(new_page: NewPage, clinic: Clinic) -> None:
    leaver = clinic.doctor("Lea Leaving", "nephrology")
    colleague = clinic.doctor("Kai Colleague", "nephrology")
    clinic.opens(leaver, "18:00", days=5)  # in the evening nobody could take a visit over
    times = {"Hanna Handed": "09:00", "Carl Cancelled": "10:00", "Kira Kept": "18:00"}
    people = {name: clinic.patient(name) for name in times}
    visits = {
        name: clinic.visit(people[name], leaver, clinic.at(wall, days=5))
        for name, wall in times.items()
    }

    admin = new_page(clinic.admin("Ada Leaver"), DESKTOP, expects=(409,))
    open_doctor(admin, leaver)
    asked = admin.get_by_role("alert")
    expect(asked).to_contain_text("3 visits to come are booked: Lea Leaving.")
    expect(asked.get_by_role("heading")).to_be_focused()
    assert axe_finds(admin) == []
    assert {status for status, _ in stands(clinic, leaver)} == {"scheduled"}
    admin.get_by_role("link", name="Leave everything as it is").click()
    expect(admin.get_by_role("button", name="Deactivate")).to_be_visible()

    cancel_one(new_page(clinic.desk("Doris Leaver"), DESKTOP), visits["Carl Cancelled"])
    open_doctor(admin, leaver)
    expect(asked).to_contain_text("2 visits to come are booked: Lea Leaving.")
    asked.get_by_role("button", name="Hand them over to colleagues").dblclick()
    expect(admin.get_by_role("button", name="Let them log in again")).to_be_visible()
    assert sorted(stands(clinic, leaver)) == sorted(
        [("cancelled", "rescheduled"), ("cancelled", "by_staff"), ("scheduled", None)]
    )
    expect_refused(new_page(size=PHONE, expects=(422,)), leaver)

    told(new_page, clinic, people["Hanna Handed"], "moved to", colleague.name)
    told(new_page, clinic, people["Carl Cancelled"], "is cancelled")
    handed = own_list(new_page(people["Hanna Handed"], PHONE))
    expect(handed).to_contain_text(colleague.name)
    expect(handed).to_contain_text("Please confirm")  # with whom is new
    kept = new_page(people["Kira Kept"], PHONE)
    expect(own_list(kept)).to_contain_text("The clinic will be in touch")
    expect(own_list(kept).get_by_role("button", name="Confirm")).to_have_count(0)

    move_the_kept_one(new_page(clinic.desk("Dirk Leaver"), DESKTOP, expects=(409,)), colleague)
    told(new_page, clinic, people["Kira Kept"], "moved to", colleague.name)
    expect(own_list(kept)).to_contain_text(colleague.name)
    expect(own_list(kept)).not_to_contain_text("The clinic will be in touch")
    assert [one[0] for one in stands(clinic, colleague)] == ["scheduled"] * 2


def cancel_one(page: Page, visit: Appointment) -> None:
    page.goto(f"/appointments/{visit.id}/cancel")
    page.get_by_role("button", name="Cancel Carl Cancelled").click()
    expect(page.get_by_text("The visit of Carl Cancelled is cancelled.")).to_be_visible()


def expect_refused(page: Page, person: Person) -> None:
    log_in(page, person.email or "")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def told(new_page: NewPage, clinic: Clinic, person: Person, *words: str) -> None:
    """Once, by text."""
    phone = Telephone(new_page(size=PHONE), clinic.phone_of(person))
    text = phone.texts
    for word in words:
        text = text.filter(has_text=word)
    expect(text).to_have_count(1)


def move_the_kept_one(page: Page, colleague: Person) -> None:
    page.goto("/board/")
    page.locator("#waiting a[href='/board/left/']").click()
    expect(waiting(page, "Kira Kept")).to_be_visible()
    assert axe_finds(page) == []
    waiting(page, "Kira Kept").get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("alert").first).to_contain_text("No colleague is free then.")
    waiting(page, "Kira Kept").get_by_role("link", name="Move").click()
    chosen = page.get_by_label("Colleague").locator("option:checked")
    expect(chosen).to_contain_text(colleague.name)
    assert axe_finds(page) == []
    page.locator("#reschedule a.slot").first.click()
    expect(page.get_by_role("heading", name=f"with {colleague.name}?")).to_be_visible()
    page.get_by_role("button", name=f"Move to {colleague.name}").dblclick()
    expect(page.get_by_text(f"Moved to {colleague.name}")).to_be_visible()
    page.goto("/board/left/")
    expect(page.locator("#left")).to_be_visible()
    expect(waiting(page, "Kira Kept")).to_have_count(0)
