"""A morning with a line that comes and goes: what was missed is there at once when it is back."""

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.live_pages import Board
from tests.browser.visitors import DESKTOP, NewPage

pytestmark = pytest.mark.browser

BACK_MS = 5_000  # after the line is


def test_a_board_is_fresh_soon_after_its_line_is_back(new_page: NewPage, clinic: Clinic) -> None:
    doctor, patient = clinic.doctor("Lola Line", "endocrinology"), clinic.patient("Ben Back")
    desk = clinic.desk("Desk of Lola Line")
    board = Board(new_page(desk, DESKTOP, lost_line=True))
    context = board.page.context
    context.set_offline(True)
    expect(board.page.locator(".live").first).to_have_attribute("data-status", "danger")
    clinic.visit(patient, doctor, clinic.at("15:00"))
    expect(board.page.locator("#board")).not_to_contain_text(patient.name)
    context.set_offline(False)
    expect(board.page.locator("#board")).to_contain_text(patient.name, timeout=BACK_MS)
    expect(board.page.locator(".live").first).to_have_attribute("data-status", "ok")
    assert board.is_the_same_page()


def test_a_refresh_that_failed_is_tried_again(new_page: NewPage, clinic: Clinic) -> None:
    """The line is there and the answers are not: a proxy restarts, a tunnel stands still."""
    doctor, patient = clinic.doctor("Rita Retry", "endocrinology"), clinic.patient("Fay Fail")
    desk = clinic.desk("Desk of Rita Retry")
    board = Board(new_page(desk, DESKTOP, lost_line=True))
    failures = []

    def fail(route):
        failures.append(route.request.url)
        route.abort("connectionreset")

    board.page.route("**/board/**", fail)
    clinic.visit(patient, doctor, clinic.at("15:30"))
    expect(board.page.locator(".live").first).to_have_attribute("data-status", "warning")
    board.page.unroute("**/board/**")
    expect(board.page.locator("#board")).to_contain_text(patient.name, timeout=BACK_MS)
    assert failures


def test_a_ring_without_a_change_costs_nothing(new_page: NewPage, clinic: Clinic) -> None:
    desk = clinic.desk("Desk of Nobody")
    board = Board(new_page(desk, DESKTOP))
    answers = []
    board.page.on(
        "response",
        lambda answer: "x-live" in answer.request.headers and answers.append(answer.status),
    )
    for _ in range(2):
        with board.page.expect_response(lambda answer: "x-live" in answer.request.headers):
            board.page.evaluate(
                "document.body.dispatchEvent(new CustomEvent('appointment-changed'))"
            )
    assert answers[-1] == 304
    assert board.is_the_same_page()
    expect(board.page.locator("#board")).to_be_visible()
