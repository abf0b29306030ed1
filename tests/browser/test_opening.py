"""A clinic from its sign-up to its first patient, by pages alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.live_pages import inbox_of
from tests.browser.stack import Stack
from tests.browser.visitors import DESKTOP, PHONE, NewPage, axe_finds

pytestmark = pytest.mark.browser

PASSWORD = "four other harbours"
ADMIN, DOCTOR, PATIENT = "noor@hill.example", "ines@hill.example", "paula@visitors.example"
PHONE_OF_PATIENT = "+447400123499"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Of its own: another clinic would change what strangers read of the one all tests share."""
    with Stack(tmp_path_factory.mktemp("opening")) as running:
        yield running


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> Clinic:
    return Clinic(stack.app)


def letter(page: Page, address: str, *words: str) -> Locator:
    """In the development inbox, which shows it as soon as it is sent."""
    page.goto("/dev/inbox")
    found = page.locator("#mail details", has_text=f"to {address}")
    for word in words:
        found = found.filter(has_text=word)
    expect(found).to_have_count(1)
    if not found.evaluate("(details) => details.open"):
        found.locator("summary").click()
    return found


def code_in(text: str) -> str:
    found = re.search(r"\b\d{6}\b", text)
    assert found
    return found[0]


def step(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=name)


def expect_done(page: Page, *names: str) -> None:
    for name in names:
        expect(step(page, name).locator(".badge")).to_have_text("Done")
    assert axe_finds(page) == []


def open_clinic(page: Page) -> None:
    page.goto("/signup/clinic")
    page.get_by_label("Name of the clinic").fill("Hill Clinic")
    page.get_by_label("Country").select_option("GB")
    page.get_by_label("Time zone").select_option("Europe/London")
    page.get_by_label("Address", exact=True).fill("1 Hill Road")
    page.get_by_label("Full name").fill("Noor Aziz")
    page.get_by_label("Email address").fill(ADMIN)
    page.get_by_label("Mobile number").fill("+447400123498")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the clinic").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome to Hill Clinic")
    expect_done(page, "Open your clinic")


def prove_the_mail(page: Page) -> None:
    page.goto("/account/")
    page.get_by_role("button", name="Send a code to confirm it: Email").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    asked = page.url
    code = code_in(letter(page, ADMIN, "code").inner_text())
    page.goto(asked)
    page.locator("main [name=code]").fill(code)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Your email address is confirmed.")).to_be_visible()


def look_over_the_rules(page: Page) -> None:
    page.goto("/admin/welcome")
    page.get_by_role("link", name="Open the settings").click()
    page.get_by_label("Bookable ahead (days)").fill("60")
    page.get_by_role("button", name="Save the booking rules").click()
    expect(page.locator("#toasts .toast")).to_contain_text("Saved.")


def name_the_place(page: Page) -> None:
    page.locator("#locations").get_by_role("link", name="Change").click()
    expect(page.locator("[name=address]")).to_have_value("1 Hill Road")
    assert axe_finds(page) == []
    page.locator("[name=place]").fill("Hill Road")
    page.get_by_role("button", name="Save the place").click()
    expect(page.locator("#locations")).to_contain_text("Hill Road")


def invite_a_doctor(page: Page) -> None:
    page.goto("/admin/welcome")
    page.get_by_role("link", name="Invite a doctor").click()
    expect(page.get_by_label("Role")).to_have_value("doctor")
    page.get_by_label("Full name").fill("Ines Okoro")
    page.get_by_label("Email address").fill(DOCTOR)
    page.get_by_label("Specialties 1").select_option(label="Cardiology")
    page.get_by_label("Languages 1").select_option(label="English")
    expect(page.get_by_label("Place").locator("option:checked")).to_have_text("Hill Road")
    assert axe_finds(page) == []
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile of Ines Okoro")
    page.goto("/admin/welcome")
    expect_done(page, "Look over the booking rules", "Invite your doctors")


def accept_and_complete_the_profile(page: Page) -> None:
    letter(page, DOCTOR, "your account").get_by_role("link").click()
    page.get_by_role("textbox", name="New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your profile")
    expect(page.get_by_label("Specialties 1").locator("option:checked")).to_have_text("Cardiology")
    assert axe_finds(page) == []
    page.get_by_label("Licence number").fill("GMC-7001")
    page.get_by_label("Years of experience").fill("9")
    page.get_by_role("button", name="Save the profile").click()
    expect(page.get_by_text("You have no hours yet")).to_be_visible()


def publish_a_first_week(page: Page) -> None:
    assert axe_finds(page) == []
    for number in range(7):
        page.locator("label.choice").nth(number).click()
    page.get_by_label("From").fill("09:00")
    page.get_by_label("To", exact=True).fill("12:00")
    page.get_by_role("button", name="Publish the hours").click()
    expect(page.locator(".week .window")).to_have_count(7)
    assert axe_finds(page) == []


def find_and_book(page: Page) -> str:
    """Returns the reference of the visit."""
    page.goto("/?q=heart")
    page.get_by_role("link", name="All times for Dr Ines Okoro").click()
    page.get_by_role("link", name="Next week").click()
    page.locator("#week a.slot").nth(2).click()
    expect(page.get_by_role("main")).to_contain_text("Hill Road")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Full name").fill("Paula Patient")
    page.get_by_label("Email address").fill(PATIENT)
    page.get_by_label("Mobile number").fill(PHONE_OF_PATIENT)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("What is the appointment about?").fill("My heart races")
    page.get_by_role("button", name="Book appointment").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("We hold this time until")
    booked = page.url
    page.goto(inbox_of(PHONE_OF_PATIENT))
    text = page.locator("#thread .msg", has_text=re.compile(r"\b\d{6}\b"))
    expect(text).to_have_count(1)
    code = code_in(text.inner_text())
    page.goto(booked)
    page.locator("main [name=code]").fill(code)
    page.get_by_role("main").get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")
    assert axe_finds(page) == []
    return page.get_by_role("main").locator("b.mono").first.inner_text()


def expect_at_the_desk(page: Page, reference: str) -> None:
    page.goto("/admin/welcome")
    expect_done(page, "Fill in their profile", "Publish hours")
    page.locator("#top-q").fill(reference)
    expect(page.locator("#top-found")).to_contain_text("Paula Patient")


def test_a_clinic_from_its_sign_up_to_its_first_patient(new_page: NewPage) -> None:
    admin = new_page(size=DESKTOP)
    open_clinic(admin)
    prove_the_mail(admin)
    look_over_the_rules(admin)
    name_the_place(admin)
    invite_a_doctor(admin)
    doctor = new_page(size=PHONE)
    accept_and_complete_the_profile(doctor)
    publish_a_first_week(doctor)
    reference = find_and_book(new_page(size=PHONE))
    expect_at_the_desk(admin, reference)
