"""A second factor: switched on, asked for on a page of its own, and done without the phone."""

import io
import time

import pyotp
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.visitors import PHONE, NewPage, log_in, log_out, open_account_menu
from tests.cast import PASSWORD

pytestmark = pytest.mark.browser

STEP_S = 30
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
FEWEST_PIXELS = 180  # a side; a telephone reads it from a hand's breadth


def next_code(secret: str) -> str:
    """Of the step after this one: it counts already, and was surely not used."""
    return pyotp.TOTP(secret).at(time.time() + STEP_S)


def enter_code(page: Page, code: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name="Log in").click()


def expect_readable(code: Locator) -> None:
    """Large enough, dark on light, with a light margin: so do scanners want it."""
    with Image.open(io.BytesIO(code.screenshot())) as picture:
        assert min(picture.size) >= FEWEST_PIXELS
        shown = picture.convert("RGB")
    colours = {colour for _count, colour in shown.getcolors(shown.width * shown.height) or []}
    assert {BLACK, WHITE} <= colours
    assert shown.getpixel((shown.width // 2, 3)) == WHITE


def test_switched_on_asked_for_and_opened_without_the_phone(
    new_page: NewPage, clinic: Clinic
) -> None:
    patient = clinic.patient("Tara Twofold")
    page = new_page(size=PHONE, expects=(422,))
    log_in(page, patient.email)
    open_account_menu(page)
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Two-factor").click()
    page.get_by_role("button", name="Set up two-factor").click()
    drawing = page.get_by_role("img", name="QR code of the secret below")
    expect_readable(drawing)
    page.emulate_media(color_scheme="dark")
    expect_readable(drawing)
    page.emulate_media(color_scheme="light")
    secret = page.locator("code.secret").inner_text()

    page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("textbox", name="Your password").fill("not this one")
    page.get_by_role("button", name="Switch on two-factor").click()
    expect(page.get_by_role("alert").first).to_contain_text("That is not your password.")
    page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    page.get_by_role("button", name="Switch on two-factor").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    codes = page.locator("ol.codes code").all_inner_texts()
    assert len(set(codes)) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("main")).to_contain_text("10 recovery codes are left.")
    assert [code for code in (*codes, secret) if code in page.content()] == []

    log_out(page)
    log_in(page, patient.email)
    page.goto("/appointments/")  # the password alone opens nothing
    expect(page).to_have_url("/login?next=/appointments/")
    log_in(page, patient.email)
    enter_code(page, next_code(secret))
    expect(page).to_have_url("/appointments/")

    log_out(page)
    log_in(page, patient.email)
    enter_code(page, codes[3])
    expect(page).to_have_url("/appointments/")
    log_out(page)
    log_in(page, patient.email)
    enter_code(page, codes[3])
    expect(page.get_by_role("alert")).to_contain_text("it was used before")
    enter_code(page, codes[7].upper())
    expect(page).to_have_url("/appointments/")
    page.goto("/account/two-factor")
    expect(page.get_by_role("main")).to_contain_text("8 recovery codes are left.")
