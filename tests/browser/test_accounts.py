"""Into an account and back into it: signing up, a forgotten password, an invitation, a photo."""

import io
import re

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.visitors import DESKTOP, PHONE, NewPage, log_in, log_out, open_account_menu
from tests.cast import PASSWORD

pytestmark = pytest.mark.browser

NEW_PASSWORD = "four other harbours"
EASY = "password"
CAMERA = "Harbour Camera"


def letter_in(page: Page, address: str, subject: str) -> Locator:
    """A letter in the development inbox, which shows it as soon as it is sent."""
    page.goto("/dev/inbox")
    letter = page.locator("#mail details", has_text=f"to {address}").filter(has_text=subject)
    expect(letter).to_have_count(1)
    if not letter.evaluate("(details) => details.open"):
        letter.locator("summary").click()
    return letter


def ask_for_a_link(page: Page, email: str) -> None:
    page.goto("/login")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")


def choose(page: Page, password: str) -> None:
    page.get_by_role("textbox", name="New password").fill(password)
    page.get_by_role("button", name="Set the password").click()


def expect_problem(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name="There is a problem")).to_be_focused()
    expect(page.get_by_role("alert").first).to_contain_text(words)


def test_a_password_that_is_too_easy_costs_nothing_typed(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Wera Weber", "rheumatology")
    page = new_page(size=PHONE, expects=(422,))
    page.goto(f"/doctors/{doctor.doctor_id}")
    slot = page.locator("#week a.slot").nth(3)
    label = slot.inner_text()
    slot.click()
    page.get_by_role("link", name="Create an account").click()
    typed = {
        "Full name": "Wanda Wayward",
        "Email address": "wanda@harbour-visitors.example",
        "Mobile number": "+447400990011",
    }
    for name, value in typed.items():
        page.get_by_label(name).fill(value)
    page.get_by_label("Password").fill(EASY)
    page.get_by_role("button", name="Create account").click()

    expect_problem(page, "That password is easy to guess.")
    for name, value in typed.items():
        expect(page.get_by_label(name)).to_have_value(value)
    expect(page.get_by_label("Password")).to_have_value("")
    expect(page.get_by_role("region", name="The time you chose")).to_contain_text(label)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Check and confirm")
    page.get_by_label("What is the appointment about?").fill("Stiff fingers")
    page.locator("label.choice", has_text="SMS").click()
    page.get_by_role("button", name="Book appointment").click()
    # Nobody knows yet that the number is theirs.
    expect(page.get_by_role("heading", level=1)).to_contain_text("We hold this time until")
    expect(page.get_by_role("main")).to_contain_text(label)
    assert [visit.reason for visit in clinic.visits_with(doctor)] == ["Stiff fingers"]


def test_a_forgotten_password(new_page: NewPage, clinic: Clinic) -> None:
    patient = clinic.patient("Flora Forgot")
    elsewhere = new_page(patient, DESKTOP)
    elsewhere.goto("/appointments/")
    page = new_page(size=PHONE, expects=(400, 422))
    ask_for_a_link(page, "nobody.at.all@visitors.example")
    told_a_stranger, where = page.content(), page.url
    ask_for_a_link(page, patient.email)
    assert (page.content(), page.url) == (told_a_stranger, where)

    link = letter_in(page, patient.email, "password").get_by_role("link")
    expect(page.locator("#mail")).not_to_contain_text("nobody.at.all")
    address = link.inner_text()
    link.click()
    expect(page.get_by_label("Email address")).to_have_value(patient.email)
    choose(page, EASY)
    expect_problem(page, "That password is easy to guess.")
    choose(page, NEW_PASSWORD)
    expect(page).to_have_url("/appointments/")
    expect(page.get_by_text("Your password is set, and you are logged in.")).to_be_visible()

    open_account_menu(elsewhere)
    elsewhere.get_by_role("link", name="Your account").click()
    expect(elsewhere).to_have_url("/login?next=/account/")
    log_out(page)
    log_in(page, patient.email)
    expect_problem(page, "do not match")
    log_in(page, patient.email, NEW_PASSWORD)
    expect(page).to_have_url("/appointments/")

    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is no longer valid")
    expect(page.get_by_role("link", name="Send a new link")).to_be_visible()
    expect(letter_in(page, patient.email, "was changed")).to_be_visible()


def test_an_invitation(new_page: NewPage, clinic: Clinic) -> None:
    desk = new_page(clinic.admin("Ada Admin"), DESKTOP)
    desk.goto("/admin/users/")
    desk.get_by_role("link", name="Invite somebody").click()
    desk.get_by_label("Full name").fill("Ingrid Invited")
    desk.get_by_label("Role").select_option(label="Front desk")
    desk.get_by_label("Email address").fill("ingrid@harbour-desk.example")
    desk.get_by_role("button", name="Make the account").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ingrid Invited")
    expect(desk.get_by_role("main").locator(".badge")).to_have_text("Invited")

    page = new_page(size=DESKTOP)
    letter_in(page, "ingrid@harbour-desk.example", "").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Ingrid Invited")
    choose(page, NEW_PASSWORD)
    expect(page).to_have_url("/board/")
    expect(page.locator(".rail-who")).to_contain_text("Ingrid Invited")
    expect(page.locator(".live")).to_be_visible()

    desk.reload()
    expect(desk.get_by_role("main").locator(".badge")).to_have_text("Active")


def a_photo() -> bytes:
    """Of a red square, by a camera that says who it is and where."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = CAMERA
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (51.0, 30.0, 0.0)
    made = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(made, "JPEG", exif=exif)
    return made.getvalue()


def save_photo(page: Page, photo: bytes) -> None:
    field = page.get_by_role("button", name="Photo", exact=True)
    field.set_input_files({"name": "me.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.get_by_role("button", name="Save photo").click()


def test_a_photo_takes_the_place_of_the_initials(new_page: NewPage, clinic: Clinic) -> None:
    page = new_page(clinic.patient("Fay Photo"), PHONE, expects=(422,))
    page.goto("/account/")
    mine = page.get_by_role("main").locator(".avatar")
    expect(mine).to_have_text("FP")
    save_photo(page, b"not a picture")
    expect_problem(page, "We could not read that photo.")

    photo = a_photo()
    assert CAMERA.encode() in photo
    save_photo(page, photo)
    expect(page.get_by_text("Your photo is saved.")).to_be_visible()
    expect(mine).to_have_js_property("naturalWidth", 512)
    expect(page.get_by_role("banner").locator("img.avatar")).to_be_visible()

    path = mine.get_attribute("src") or ""
    served = page.request.get(path).body()
    assert CAMERA.encode() not in served
    with Image.open(io.BytesIO(served)) as picture:
        assert (picture.format, dict(picture.getexif())) == ("JPEG", {})
    stranger = new_page(clinic.patient("Nosy Neighbour"))
    assert stranger.request.get(path).status == 404

    page.get_by_role("button", name="Remove photo").click()
    expect(mine).to_have_text("FP")


def test_patients_see_the_photo_of_their_doctor(new_page: NewPage, clinic: Clinic) -> None:
    doctor = clinic.doctor("Dora Daguerre", "podiatry")
    page = new_page(doctor, DESKTOP)
    page.goto("/account/")
    save_photo(page, a_photo())
    expect(page.get_by_text("Your photo is saved.")).to_be_visible()
    visitor = new_page(size=PHONE)
    visitor.goto("/?specialisation=podiatry")
    photo = visitor.locator("#results img.avatar")
    expect(photo).to_have_js_property("naturalWidth", 512)
    visitor.get_by_role("link", name=f"All times for {doctor.name}").click()
    expect(visitor.get_by_role("main").locator("img.avatar")).to_have_js_property(
        "naturalWidth", 512
    )


def test_another_device_is_signed_out_from_here(new_page: NewPage, clinic: Clinic) -> None:
    person = clinic.desk("Dina Devices")
    here, there = new_page(size=DESKTOP), new_page(size=DESKTOP)
    for page in (here, there):
        log_in(page, person.email)
        expect(page).to_have_url("/board/")
    open_account_menu(here)
    here.get_by_role("link", name="Your account").click()
    here.get_by_role("link", name="Security").click()
    devices = here.get_by_role("region", name="Where you are signed in").get_by_role("listitem")
    expect(devices).to_have_count(2)
    expect(devices.filter(has_text="This one")).to_have_count(1)
    other = devices.filter(has_not_text="This one")
    other.get_by_role("button", name=re.compile("^Sign out")).click()
    expect(here.get_by_text("That device is signed out.")).to_be_visible()
    expect(devices).to_have_count(1)

    there.get_by_role("link", name="Inbox").click()
    expect(there).to_have_url("/login?next=/inbox/")
    here.get_by_role("link", name="Inbox").click()
    expect(here).to_have_url("/inbox/")
