"""A family with one telephone: each has an account and a visit of their own, and a text from the
number they share acts for the one whose code it names."""

import re

import pytest
from playwright.sync_api import Page, expect

from clinic.appointments.models import Appointment
from tests.browser.clinic import Clinic
from tests.browser.live_pages import Telephone
from tests.browser.visitors import DESKTOP, PHONE, NewPage, axe_finds, overflow
from tests.cast import PASSWORD, Person

pytestmark = pytest.mark.browser

NUMBER = "+447400990022"
CODE = re.compile(r"\b\d{6}\b")
HELP = "Booking for somebody else, such as a child or a parent? Call Harbour Clinic:"


def sign_up_and_book(
    page: Page, telephone: Telephone, doctor: Person, name: str, reason: str
) -> None:
    """With the number of the family, whose code comes there and is entered."""
    page.goto(f"/doctors/{doctor.doctor_id}")
    page.locator("#week a.slot").nth(3).click()
    expect(page.get_by_role("main")).to_contain_text(HELP)
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_role("main")).to_contain_text("a family may share one")
    expect(page.get_by_role("main")).to_contain_text(HELP)
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Email address").fill(f"{name.split()[0].lower()}@one-phone.example")
    page.get_by_label("Mobile number").fill("07400 990022")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("What is the appointment about?").fill(reason)
    page.locator("label.choice", has_text="SMS").click()
    before = telephone.texts.count()
    page.get_by_role("button", name="Book appointment").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("We hold this time until")
    expect(page.locator("#proof")).to_contain_text("You can ask for another in")
    expect(page.locator("#proof").get_by_role("link", name="Use another number")).to_be_visible()
    expect(telephone.texts).to_have_count(before + 1)
    found = CODE.search(telephone.texts.last.inner_text())
    assert found
    page.get_by_label("Code").fill(found[0])
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You are booked")
    expect(telephone.texts).to_have_count(before + 2)


def expect_only_own(page: Page, own: Appointment, other: Appointment) -> None:
    page.goto("/appointments/")
    expect(page.get_by_role("main")).to_contain_text(own.code)
    expect(page.get_by_role("main")).not_to_contain_text(other.code)
    for act in ("cancel", "reschedule"):
        answer = page.goto(f"/appointments/{other.id}/{act}")
        assert answer
        assert answer.status == 404


def test_two_adults_with_one_telephone(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Fiona Family", "cardiology")
    telephone = Telephone(new_page(), NUMBER)
    her, him = (new_page(size=PHONE, expects=(404,)) for _ in range(2))
    sign_up_and_book(her, telephone, doctor, "Ruth Rowan", "Palpitations")
    sign_up_and_book(him, telephone, doctor, "Rory Rowan", "Blood pressure")
    visits = {visit.reason: visit for visit in clinic.visits_with(doctor)}
    hers, his = visits["Palpitations"], visits["Blood pressure"]
    expect_only_own(her, hers, his)
    expect_only_own(him, his, hers)

    count = telephone.texts.count()
    telephone.reply("C")
    expect(telephone.texts).to_have_count(count + 2)
    asked = telephone.texts.last
    expect(asked).to_contain_text("this number is shared")
    for visit in (hers, his):
        expect(asked).to_contain_text(visit.code)
    assert [one.status for one in clinic.visits_with(doctor)] == ["scheduled"] * 2
    telephone.page.get_by_label("Your text").fill(f"C {his.code}")
    telephone.page.get_by_role("button", name="Send").click()
    expect(telephone.texts).to_have_count(count + 4)
    expect(telephone.texts.last).to_contain_text("is confirmed.")
    standing = {visit.reason: visit.status for visit in clinic.visits_with(doctor)}
    assert standing == {"Palpitations": "scheduled", "Blood pressure": "confirmed"}
    him.goto("/appointments/")
    expect(him.get_by_role("main")).to_contain_text("Confirmed")
    her.goto("/appointments/")
    expect(her.get_by_role("main")).not_to_contain_text("Confirmed")


def test_who_has_an_account_is_led_to_the_login(new_page: NewPage, clinic: Clinic) -> None:
    """The error names the field, and what was typed goes along."""
    known = clinic.patient("Kay Known")
    page = new_page(size=PHONE, expects=(422,))
    page.goto("/signup")
    page.get_by_label("Full name").fill("Kay Known")
    page.get_by_label("Email address").fill(known.email)
    page.get_by_label("Mobile number").fill("07400 990033")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert").first).to_contain_text("already belongs to an account")
    expect(page.get_by_label("Email address")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("link", name=f"Log in with {known.email}").click()
    expect(page.get_by_label("Email address")).to_have_value(known.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url("/appointments/")


def test_pages_of_two_records_of_one_person(new_page: NewPage, clinic: Clinic) -> None:
    doctor, nora = clinic.doctor("Nils Noted", "cardiology"), clinic.patient("Nora Noted")
    record = clinic.noted(nora)
    clinic.visit(nora, doctor, clinic.at("12:00", days=6))
    desk = clinic.desk("Dina Desk")
    pages = {
        "/appointments/": nora,
        "/me/record": nora,
        f"/patients/{record}": desk,
        f"/patients/{record}/join/{nora.patient_id}": desk,
    }
    for path, person in pages.items():
        for size in (PHONE, DESKTOP):
            page = new_page(person, size)
            page.goto(path)
            expect(page).to_have_url(path)
            assert axe_finds(page) == []
            assert overflow(page) == 0
