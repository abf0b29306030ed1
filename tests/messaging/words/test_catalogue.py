"""The catalogue knows every message, and a name it does not know breaks no page."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.config import ROOT
from clinic.core.data.db import db
from clinic.messaging.models import Message
from clinic.messaging.words import catalogue
from clinic.messaging.words.catalogue import INVITING, TEMPLATES
from clinic.reminders.visits import planning
from tests.messaging.ledger_helpers import ASHA, queued
from tests.pages import soup, text_of

FOLDERS = {path.name: path for path in (ROOT / "templates/messages").iterdir() if path.is_dir()}


def test_every_folder_is_in_the_catalogue_and_back():
    assert set(TEMPLATES) == set(FOLDERS)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_the_catalogue_says_which_forms_a_message_has(name):
    forms = {path.name for path in FOLDERS[name].iterdir()}
    texts = {"sms.txt"} if TEMPLATES[name].is_text else set()
    approved = {"whatsapp.txt"} if texts and not TEMPLATES[name].answers else set()
    assert forms == {"subject.txt", "body.txt"} | texts | approved


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_message_that_asks_for_an_answer_invites(name):
    words = "".join(path.read_text() for path in FOLDERS[name].iterdir())
    assert ("Reply C" in words or "cancel it: " in words) == (name in INVITING)


def test_what_is_planned_has_a_template_and_its_audience():
    for rule in [*planning.TEMPLATES, planning.BEFORE, "before_1440m"]:
        template = TEMPLATES[planning.template_of(rule)]
        assert template.audience == ("doctor" if planning.is_to_doctor(rule) else "patient")


@pytest.fixture
def gone(app, cast) -> UUID:
    """A message of a version that had another template."""
    with app.app_context():
        (key,) = queued(
            organisation_id=cast.harbour, template="gone", status="sent", body="Harbour: gone."
        )
    return key


def test_a_template_that_is_gone_is_shown_by_its_name(signed_in, cast, gone):
    client = signed_in(cast.esha)
    assert "gone" in text_of(client.get("/messages/"))
    assert soup(client.get(f"/messages/{gone}")).h1.get_text() == "gone"


def test_a_template_that_is_gone_stands_on_the_telephone(app, client, monkeypatch, gone):
    settings = app.config["SETTINGS"].model_copy(update={"environment": "development"})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    (text,) = soup(client.get("/dev/inbox")).select(".msg p")
    assert text.get_text() == "Harbour: gone."


def test_a_template_that_is_gone_can_be_sent_again(app, signed_in, cast, gone):
    answer = signed_in(cast.esha).post(f"/messages/{gone}/resend")
    assert answer.status_code == 303
    with app.app_context():
        copies = sa.select(Message.status).where(
            Message.template == "gone", Message.address == ASHA
        )
        assert sorted(db.session.scalars(copies)) == ["queued", "sent"]


def test_titles_are_english_without_a_catalogue():
    assert catalogue.title_of("visit_booked") == "Booking confirmed"
    assert catalogue.title_of(catalogue.INBOUND) == "Answer"
    assert catalogue.title_of("gone") == "gone"
