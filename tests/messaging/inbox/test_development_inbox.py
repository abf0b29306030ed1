"""The telephone and the mailbox of development, and that they exist nowhere else."""

import pytest
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.events import jobs as events
from clinic.messaging import jobs as messages
from clinic.messaging.consents.models import OptOut
from clinic.reminders import jobs as reminders
from tests.cast import TODAY, at
from tests.factories import fresh, scheduled
from tests.messaging.ledger_helpers import ASHA, queued
from tests.pages import HTMX, is_whole_page, root_id, soup, text_of

INBOX = "/dev/inbox"
TOMORROW = at("11:00", TODAY.replace(day=TODAY.day + 1))


@pytest.fixture
def development(app, monkeypatch):
    settings = app.config["SETTINGS"].model_copy(update={"environment": "development"})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    return app


@pytest.fixture
def booked(development, cast):
    """Asha's visit tomorrow, with its confirmation on her telephone."""
    with development.app_context():
        key = scheduled(cast.asha, cast.dr_chandra, TOMORROW).id
        events.deliver_due()
        reminders.send_due()
        messages.deliver_due()
        return db.session.get_one(Appointment, key)


def bubbles(answer):
    return [(bubble.get("data-dir"), bubble.p.get_text()) for bubble in soup(answer).select(".msg")]


@pytest.mark.parametrize("environment", ["testing", "production"])
def test_it_is_only_there_in_development(app, client, signed_in, cast, monkeypatch, environment):
    settings = app.config["SETTINGS"].model_copy(update={"environment": environment})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    for browser in (client, signed_in(cast.amir)):
        assert browser.get(INBOX).status_code == 404
        assert browser.get(f"{INBOX}/live").status_code == 404
        answer = browser.post(f"{INBOX}/reply", data={"address": ASHA, "body": "C"})
        assert answer.status_code == 404


def test_an_empty_inbox_says_what_will_come(development, client):
    answer = client.get(INBOX)
    assert "No texts yet" in text_of(answer)
    assert "No mail yet" in text_of(answer)
    assert soup(answer).find("input", {"name": "address"}) is None


def test_the_telephone_shows_the_text_with_a_link_that_works(client, booked):
    answer = client.get(INBOX)
    ((side, text),) = bubbles(answer)
    assert side is None
    assert "Reply C to confirm" in text
    link = soup(answer).select_one(".msg a")["href"]
    assert link.startswith("http://127.0.0.1:")
    assert booked.code in text_of(client.get("/" + link.split("/", 3)[3]))


@pytest.mark.parametrize(("word", "status"), [("C", "confirmed"), ("X", "cancelled")])
def test_an_answer_changes_the_visit(development, client, booked, word, status):
    sent = {field["name"]: field["value"] for field in soup(client.get(INBOX)).select(
        '[form="quick"]')}  # fmt: skip
    button = soup(client.get(INBOX)).find(id=f"quick-{word}")
    sent[button["name"]] = button["value"]
    answer = client.post(f"{INBOX}/reply", data=sent, headers=HTMX)
    assert (answer.status_code, root_id(answer)) == (200, "inbox")
    _, mine, told = bubbles(answer)
    assert mine == ("out", word)
    assert status in told[1]
    with development.app_context():
        assert fresh(booked).status == status


def test_it_works_without_a_script(development, client, booked):
    answer = client.post(f"{INBOX}/reply", data={"address": ASHA, "body": "STOP"})
    assert (answer.status_code, answer.location) == (303, f"{INBOX}?phone=%2B447700900000")
    assert is_whole_page(client.get(answer.location))
    with development.app_context():
        assert db.session.scalars(sa.select(OptOut.address)).all() == [ASHA]


@pytest.mark.parametrize(
    "form", [{}, {"address": ASHA}, {"address": ASHA, "body": " "}, {"body": "C"},
             {"address": ASHA, "body": "C\x00"}], ids=str,
)  # fmt: skip
def test_an_empty_answer_is_refused(client, booked, form):
    assert client.post(f"{INBOX}/reply", data=form).status_code == 400
    assert len(bubbles(client.get(INBOX))) == 1


def test_what_has_not_arrived_is_on_no_telephone(development, client):
    with development.app_context():
        for number, status in enumerate(("queued", "sending", "failed", "skipped", "cancelled")):
            queued(status=status, address=f"+44770090005{number}")
            queued(status=status, channel="email", address=f"{status}@cast.example")
        queued(status="sent", body="<b>Here</b> & now", address=ASHA)
        queued(status="delivered", channel="email", address="bela@cast.example", subject="Hello")
    answer = client.get(INBOX)
    assert bubbles(answer) == [(None, "<b>Here</b> & now")]
    assert [letter.b.get_text() for letter in soup(answer).select(".letter")] == ["Hello"]
    assert [pill.get_text() for pill in soup(answer).select(".pills a")] == [
        "+44\N{NO-BREAK SPACE}7700\N{NO-BREAK SPACE}900000"  # for nobody in particular
    ]


def test_one_chooses_among_telephones(development, client):
    with development.app_context():
        queued(status="sent", body="To Asha", address=ASHA)
        queued(status="sent", body="To Bela", address="+447700900001")
    page = soup(client.get(INBOX))
    for pill in page.select(".pills a"):
        answer = client.get(pill["href"])
        assert soup(answer).find(id="phone-title").get_text() == pill.get_text()
        assert {field["value"] for field in soup(answer).select('[name="address"]')} == {
            pill.get_text().replace("\N{NO-BREAK SPACE}", "")
        }
        assert len(bubbles(answer)) == 1


def test_nothing_that_is_typed_stands_in_what_refreshes_itself(client, booked):
    page = soup(client.get(INBOX))
    bell = page.find(attrs={"sse-connect": f"{INBOX}/live"})
    regions = [bell["hx-target"], bell.parent["hx-select-oob"].partition(":")[0]]
    assert regions == ["#thread", "#mail"]
    for region in regions:
        typed = page.select_one(region).select("textarea, select, input:not([type=hidden])")
        assert typed == []
    assert page.select("#inbox input:not([type=hidden])")


def test_it_rings_for_everybody(development, client):
    with client.get(f"{INBOX}/live") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
