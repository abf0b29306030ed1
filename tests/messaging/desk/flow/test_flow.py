"""How messages get through: what was queued, sent, delivered, and what moves it."""

from datetime import timedelta

import pytest

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.desk import statistics
from clinic.messaging.desk.flow import engine
from clinic.messaging.models import HeldSender
from tests.cast import NOW
from tests.messaging.ledger_helpers import queued
from tests.pages import HTMX, root_id, soup, text_of

pytestmark = pytest.mark.usefixtures("in_app")
PAGE = "/messages/delivery"


@pytest.fixture
def texts(cast):
    def write(count=1, **values):
        return queued(count, **{"organisation_id": cast.harbour, **values})

    return write


@pytest.fixture
def mixed(texts):
    texts(2)
    texts(status="sending")
    texts(3, status="sent", sent_at=NOW)
    texts(4, status="delivered", sent_at=NOW)
    texts(status="failed", sent_at=NOW)  # taken, and reported as not delivered
    texts(status="failed")
    texts(status="uncertain")
    texts(2, status="skipped", channel="email")
    texts(status="cancelled")
    texts(5, direction="in", template="inbound", status="received")
    texts(status="delivered", sent_at=NOW, created_at=NOW - timedelta(days=2))


def of(funnel):
    return (funnel.queued, funnel.waiting, funnel.sent, funnel.delivered, funnel.failed,
            funnel.skipped)  # fmt: skip


def test_how_far_they_came_by_channel_and_day(cast, mixed):
    found = statistics.of_days(cast.esha.actor, clock.zone("Europe/London"))
    assert of(found.counts.funnel) == (17, 3, 9, 5, 3, 3)
    by_channel = found.counts.funnel_by_channel
    assert of(by_channel["email"]) == (2, 0, 0, 0, 0, 2)
    assert of(by_channel["whatsapp"]) == (0, 0, 0, 0, 0, 0)
    assert [of(day.counts.funnel)[0] for day in found.days[-3:]] == [1, 0, 16]
    one = found.counts.funnel
    assert one.queued >= one.sent >= one.delivered


def test_the_page_tells_it(signed_in, cast, mixed):
    client = signed_in(cast.esha)
    page = client.get(PAGE)
    words = text_of(page)
    for said in ("Queued 17", "Sent 9", "52%", "Delivered 5", "Failed 3", "By channel", "By day"):
        assert said in words, said
    assert "2 messages are due and wait, the first since" in words
    assert "1 is being sent just now." in words
    (first, second) = soup(page).select("[id^=day-]")
    assert first["href"] == "/messages/?since=2026-11-16&until=2026-11-16"
    assert "14 Nov" in second.get_text()
    assert root_id(client.get(PAGE, headers=HTMX)) == "flow"
    assert soup(page).find(attrs={"sse-connect": f"/live/messages/{cast.harbour}"})
    assert "14 Nov" in text_of(client.get(f"{PAGE}?days=7"))
    assert client.get(f"{PAGE}?days=x").status_code == 200


def test_another_clinic_counts_nothing_of_it(signed_in, cast, mixed):
    words = text_of(signed_in(cast.farid).get(PAGE))
    assert "Queued 0" in words
    assert "No messages in these days" in words
    assert "Nothing is due that has not left." in words


@transactional
def hold(sender, code):
    db.session.add(HeldSender(sender=sender, error_code=code, since=NOW, next_try_at=NOW))


def test_what_keeps_them_is_said_with_its_remedy(signed_in, cast, texts, set_up):
    set_up(twilio_account_sid="AC1", twilio_auth_token="x", twilio_from="+447700900999")
    hold("twilio", "20003")
    hold("sms:+447700900111", "21606")  # somebody else's
    words = text_of(signed_in(cast.esha).get(PAGE))
    assert "twilio waits since Mon 16 Nov, 06:30: The provider refuses our sign-in." in words
    assert "Put the account's present token or API key into the settings" in words
    assert "+447700900111" not in words
    assert [one.sender for one in engine.engine(cast.esha.actor).held] == ["twilio"]
