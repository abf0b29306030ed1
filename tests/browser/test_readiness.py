"""The page of readiness against the stand-in: red, pointed here, green, and a test answered."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from clinic.messaging import jobs
from clinic.messaging.channels import twilio as provider
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from tests.browser.test_webhooks import expect_quiet
from tests.browser.visitors import DESKTOP, PHONE, Visitors
from tests.cast import Cast
from tests.conftest import client_of
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio
from tests.ops.processes import free_port

pytestmark = pytest.mark.browser

OURS, MINE, OLD = "+447700900999", "+447700900555", "https://old.example/sms"


@pytest.fixture
def twilio(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    provider._client.cache_clear()
    with FakeTwilio() as fake, FakeSmtp() as mail:
        fake.holdings.numbers[OURS] = {"sms_url": OLD}
        given = {
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
            "twilio_api_base": fake.base_url,
            "twilio_from": OURS,
            "public_base_url": "https://clinic.example",
            "smtp_host": "127.0.0.1",
            "smtp_port": mail.port,
            "mail_from": "clinic@harbour.example",
            "sender_messages_per_second": 1,
        }
        settings = app.config["SETTINGS"].model_copy(update=given)
        monkeypatch.setitem(app.config, "SETTINGS", settings)
        yield fake
    provider._client.cache_clear()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Served by this very process, so that a test plays the worker."""
    server = make_server("127.0.0.1", free_port(), app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Browser, app: Flask, cast: Cast, address: str) -> Iterator[Page]:
    visitors = Visitors(chromium, None, address)  # type: ignore[arg-type]
    page = visitors.new_page(None, PHONE)
    cookie = client_of(app, cast.gita)
    found = cookie.get("/admin/messaging/") and cookie.get_cookie("session")
    assert found
    page.context.add_cookies([{"name": "session", "value": found.value, "url": address}])
    yield page
    visitors.leave()
    assert visitors.complaints == []


def test_from_red_to_green(app: Flask, twilio: FakeTwilio, page: Page) -> None:
    page.goto("/admin/messaging/")
    expect_quiet(page, PHONE)
    check(app, page)
    proof = page.locator("#proof")
    expect(proof).to_contain_text(f"goes to {OLD}, not here")
    expect(proof).to_contain_text("1 to look at")
    expect_quiet(page, PHONE)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    expect_quiet(page, DESKTOP)
    page.get_by_role("link", name=f"Point it here {OURS}").click()
    expect(page.get_by_text(OLD)).to_be_visible()
    expect_quiet(page, DESKTOP)
    page.get_by_role("button", name="Point it here").click()
    expect(page.get_by_text("Being checked now")).to_be_visible()
    prove(app)
    expect(proof).to_contain_text("comes here")
    expect(proof).to_contain_text("All well")
    page.get_by_label("Your own number or email address").fill(MINE)
    page.get_by_role("button", name="Send the test").click()
    expect(page.locator("#trial")).to_contain_text("It waits to be sent")
    with app.app_context():
        jobs.deliver_due()
    expect(page.locator("#trial")).to_contain_text("Reply OK from your phone")
    with app.app_context():
        receive(Inbound(sid="SM1", address=MINE, to=OURS, body="OK"))
    expect(page.locator("#trial")).to_contain_text("messages go and come")
    expect_quiet(page, DESKTOP)


def check(app: Flask, page: Page) -> None:
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("Being checked now")).to_be_visible()
    prove(app)


def prove(app: Flask) -> None:
    with app.app_context():
        jobs.prove()
