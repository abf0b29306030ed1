"""The words of a message: one text long, and no secret in any row."""

import pytest
import sqlalchemy as sa
from flask import current_app

from clinic.appointments.outside import links
from clinic.config import ROOT
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.messaging import jobs
from clinic.messaging.desk import queries
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.words import catalogue, gsm, rendering
from tests.factories import book
from tests.messaging.ledger_helpers import ASHA, message

pytestmark = pytest.mark.usefixtures("in_app")

VISIT = "7b8f3a52-0d8f-4a53-9a57-0f1f64b5c7aa"
VALUES = {
    "organisation": "Harbour Clinic",
    "phone": "+442079460142",
    "doctor": "Dr Chandra Iyer",
    "place": "Quay Street",
    "day": "Mon 16 Nov",
    "time": "09:00",
    "zone": "London time (GMT)",
    "code": "K7P4Q",
    "link": rendering.placeholder("link:visit", VISIT),
}
TEMPLATES = sorted(
    path.parent.name
    for path in ROOT.glob("templates/messages/*/sms.txt")
    if not catalogue.TEMPLATES[path.parent.name].as_written  # tests/reminders/own/test_wording.py
)
OF_ACCOUNTS = {"code", "contact_changed", "channel_test"}  # these tell of no time
LONG = {
    "organisation": "The Royal Harbour Clinic for General Medicine and Minor Injuries of the East",
    "doctor": "Professor Doctor Venkatanarasimharajuvaripeta Subrahmanyan-Featherstonehaugh",
    "place": "The Very Old Building behind the Harbour",
}
FOREIGN = {"organisation": "हार्बर क्लिनिक और अस्पताल", "doctor": "डॉक्टर चंद्रा अय्यर सुब्रमण्यम"}


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("names", [{}, LONG, FOREIGN], ids=["plain", "long", "foreign"])
def test_every_text_fits_one_text_and_keeps_its_time_and_link(template, names):
    words = rendering.render(template, "sms", VALUES | names)
    assert gsm.fits(rendering.with_secrets(words.text))
    assert "\n" not in words.text
    for told in (VALUES["day"], VALUES["time"]):
        assert (told in words.text) != (template in OF_ACCOUNTS)
    plain = rendering.render(template, "sms", VALUES).text
    for kept in (VALUES["link"], VALUES["phone"], VALUES["code"]):
        assert (kept in words.text) == (kept in plain)


def test_a_link_counts_with_its_full_length(monkeypatch):
    long = VALUES | {"doctor": "Dr " + "Chandra " * 7}
    short_link = rendering.render("visit_booked", "sms", long).text
    monkeypatch.setitem(
        current_app.extensions["placeholders"],
        "link:visit",
        lambda _: "https://h.example/" + "x" * 60,
    )
    assert gsm.units(rendering.render("visit_booked", "sms", long).text) < gsm.units(short_link)


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_word_of_a_text_tells_what_is_wrong_with_the_patient(template):
    values = VALUES | {"reason": "Blood pressure", "specialty": "cardiology"}
    said = rendering.render(template, "sms", values).text.lower()
    assert "blood" not in said
    assert "cardio" not in said


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("visit_")])
def test_every_message_to_a_patient_is_a_letter_as_well(name):
    words = rendering.render(name, "email", VALUES)
    assert words.subject.startswith("Harbour Clinic: ")
    assert "\n" not in words.subject
    assert VALUES["day"] in words.text
    assert "Harbour Clinic" in rendering.html_of(rendering.with_secrets(words.text))


def test_names_cannot_write_into_the_letter():
    evil = rendering.render("visit_booked", "email", VALUES | {"doctor": "<b>Bobby</b>"})
    assert "<b>" not in rendering.html_of(evil.text)


def test_a_row_holds_a_placeholder_and_only_the_call_the_link(twilio, cast):
    visit = book(cast.asha, cast.dr_chandra)
    link = links.link_of(str(visit.id))
    news = NewMessage(
        cast.harbour,
        "sms",
        ASHA,
        "visit_booked",
        VALUES | {"link": rendering.placeholder("link:visit", visit.id)},
    )
    transactional(messages.queue_messages)([news])
    jobs.deliver_due()
    (text,) = twilio.account.texts.values()
    assert link in text.body
    row = db.session.scalars(sa.select(Message)).one()
    assert row.status == "sent"
    assert f"{{link:visit:{visit.id}}}" in row.body
    token = links.token_of(visit.id)
    assert token not in everything_written()
    story = queries.story(cast.esha.actor, row.id)
    assert rendering.DOTS in story.body
    assert token not in story.body
    assert str(visit.id) not in story.body


def everything_written() -> str:
    rows = [*db.session.scalars(sa.select(Message)), *db.session.scalars(sa.select(EventRow))]
    return "\n".join(str(vars(row)) for row in rows)


@pytest.mark.parametrize(
    "text",
    [
        "{link:reset:7}",
        "{code:login:12345678}",
        "see {link:visit} or {link:visit:} or {LINK:visit:7}",
        "{link:visit:" + "7" * 65 + "}",
        "{0} {} {organisation} {{ 7 * 7 }} {% raw %}",
    ],
)
def test_what_is_no_known_placeholder_never_becomes_a_secret_or_an_error(text):
    sent = rendering.with_secrets(text)
    assert "/visit/" not in sent
    assert "49" not in sent
    known_form = rendering.PLACEHOLDER.fullmatch(text)
    assert sent == (rendering.DOTS if known_form else text)


def test_names_are_words_and_never_a_template(cast):
    words = rendering.render("visit_booked", "sms", VALUES | {"doctor": "{{ 7 * 7 }} {% if %}"})
    assert "(( 7 * 7 ))" in words.text


def test_the_body_of_an_inbound_text_is_kept_as_it_came(cast):
    from clinic.messaging.inbound import receive as receiving

    receiving.receive(receiving.Inbound("SM1", ASHA, "+44", f"is {VALUES['link']} mine?"))
    rows = db.session.scalars(sa.select(Message)).all()  # of an unknown number: one for each desk
    assert {row.created_at <= clock.now() for row in rows} == {True}
    assert {message(row.id).body for row in rows} == {f"is {VALUES['link']} mine?"}
