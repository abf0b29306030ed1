"""Within a day of a patient's message in words of our own, else as an approved template."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.outside import links
from clinic.core.data.db import db, transactional
from clinic.messaging import jobs
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.templates import filled, service
from clinic.messaging.templates.approved import templates
from clinic.messaging.words import rendering
from tests.factories import book
from tests.fakes.twilio_account import NAMED, RESET_AFTER_ACCEPT, refusal
from tests.messaging.ledger_helpers import ASHA, attempts, message, queued
from tests.messaging.templates.conftest import OURS
from tests.questions import asked
from tests.reminders.plan_helpers import work

CHAT = f"whatsapp:{ASHA}"


def values(visit, **more):
    return {
        "organisation": "Harbour Clinic",
        "doctor": "Dr Chandra Iyer",
        "place": "Quay Street",
        "day": "Mon 16 Nov",
        "time": "09:00",
        "code": "K7P4Q",
        "link": rendering.placeholder("link:visit", visit.id),
        **more,
    }


def queue(cast, visit, template="visit_reminder", **more):
    news = NewMessage(
        cast.harbour, "whatsapp", ASHA, template, values(visit, **more), about_id=visit.id
    )
    transactional(messages.queue_messages)([news])


@pytest.fixture
def visit(cast):
    return book(cast.asha, cast.dr_chandra)


def write_to_us():
    receiving.receive(Inbound("SM-hello", ASHA, OURS, "hello", "whatsapp"))


def texts(twilio):
    return [*twilio.account.texts.values()]


def last(twilio):
    return texts(twilio)[-1]


def of_template(twilio):
    text = last(twilio)
    return twilio.account.contents.known[text.content].name, json.loads(text.variables)


def test_outside_of_the_day_it_goes_as_the_template_with_its_variables_in_order(
    approved, cast, visit
):
    queue(cast, visit)
    assert jobs.deliver_due() == 1
    name, said = of_template(approved)
    assert name.startswith("visit_reminder_asks_en_")
    token = links.token_of(visit.id)
    when = "Mon 16 Nov, 09:00, Dr Chandra Iyer, Quay Street"
    assert said == {"1": "Harbour Clinic", "2": when, "3": "K7P4Q", "4": token}
    assert last(approved).body == (
        f"A reminder from Harbour Clinic: see you {when}."
        " Please tell us with a button whether you will come."
    )


def test_no_row_holds_the_token(approved, cast, visit):
    queue(cast, visit)
    jobs.deliver_due()
    row = message(filled_row())
    assert row.status == "sent"
    assert row.variables["link"] == f"{{link:visit:{visit.id}}}"
    assert links.token_of(visit.id) not in json.dumps(row.variables) + row.body


def filled_row():
    return db.session.scalars(sa.select(Message.id).where(Message.variables.is_not(None))).one()


@pytest.mark.parametrize("hours", [1, 23])
def test_within_the_day_it_goes_in_words_of_our_own(approved, cast, visit, monday_morning, hours):
    write_to_us()
    approved.account.wrote(CHAT)
    monday_morning.shift(timedelta(hours=hours))
    queue(cast, visit)
    assert jobs.deliver_due() >= 1
    assert last(approved).content is None
    assert "Reply C to confirm" in last(approved).body


def test_the_day_over_it_is_a_template_again(approved, cast, visit, monday_morning):
    write_to_us()
    monday_morning.shift(timedelta(days=1))
    queue(cast, visit)
    jobs.deliver_due()
    assert last(approved).content


@pytest.mark.parametrize("said", [{"confirms": False}, {"cancels": False}])
def test_what_cannot_be_answered_by_every_button_has_the_link_alone(approved, cast, visit, said):
    queue(cast, visit, **said)
    jobs.deliver_due()
    assert of_template(approved)[0].startswith("visit_reminder_link_")


def test_the_form_with_the_link_stands_in_for_the_one_with_buttons(approved, cast, visit):
    approved.account.contents.decide("paused", "visit_reminder_asks")
    service.check(all_of_them=True)
    queue(cast, visit)
    assert jobs.deliver_due() == 1
    name, said = of_template(approved)
    assert name.startswith("visit_reminder_link_")
    assert len(said) == 3


def test_what_is_not_approved_is_skipped_and_says_so(chats, cast, visit):
    queue(cast, visit)
    assert jobs.deliver_due() == 0
    row = message(filled_row())
    assert (row.status, row.error_code) == ("skipped", "not_approved")
    assert texts(chats) == []


def test_and_the_patient_reads_it_as_a_text(chats, cast):
    visit_id = book(cast.asha, cast.dr_chandra, channel="whatsapp").id
    work()
    assert jobs.deliver_due() == 0
    work()
    assert jobs.deliver_due() == 1
    assert (last(chats).to, "booked Mon" in last(chats).body) == (ASHA, True)
    stand = sa.select(Message.channel, Message.status).where(Message.about_id == visit_id)
    assert {tuple(row) for row in db.session.execute(stand)} == {
        ("whatsapp", "skipped"),
        ("sms", "sent"),
    }


def test_who_closed_the_window_earlier_than_we_knew_gets_the_template(
    approved, cast, visit, monday_morning
):
    write_to_us()  # as far as we know; the provider has heard nothing
    queue(cast, visit)
    assert jobs.deliver_due() == 0
    assert message(filled_row()).error_code == "63016"
    monday_morning.shift(timedelta(minutes=2))
    assert jobs.try_held() == 1
    assert last(approved).content
    assert message(filled_row()).status == "sent"


@pytest.mark.parametrize("name", ["Quay\nStreet", "Quay\tStreet", "Quay     Street"])
def test_line_breaks_tabs_and_rows_of_spaces_are_one_space(approved, cast, visit, name):
    queue(cast, visit, place=name)
    jobs.deliver_due()
    assert of_template(approved)[1]["2"].endswith(", Quay Street")


def test_a_word_that_looks_like_a_variable_is_none(approved, cast, visit):
    queue(cast, visit, doctor="{{1}} {link:visit:x}")
    jobs.deliver_due()
    assert "((1)) (link:visit:x)" in of_template(approved)[1]["2"]


def test_words_of_a_person_that_are_too_long_for_it_go_another_way(approved, cast, visit):
    queue(cast, visit, "own_reminder", said="Drink more water. " * 60)
    jobs.deliver_due()
    assert message(filled_row()).error_code == "not_approved"


def test_a_row_of_before_has_no_variables_and_goes_another_way(approved):
    (one,) = queued(channel="whatsapp")
    jobs.deliver_due()
    assert (message(one).status, message(one).error_code) == ("skipped", "not_approved")


def test_what_is_about_no_visit_and_cannot_go_comes_before_the_desk(chats, cast):
    (one,) = queued(channel="whatsapp", organisation_id=cast.harbour)
    jobs.deliver_due()
    work()
    assert message(one).needs_attention


@pytest.mark.parametrize("code", [63041, 63021, 63028])
def test_a_template_that_whatsapp_refuses_is_a_fault_of_the_content(approved, cast, visit, code):
    approved.account.numbers[CHAT] = refusal(400, code)
    queue(cast, visit)
    jobs.deliver_due()
    assert message(filled_row()).status == "failed"


def test_an_unclear_answer_is_found_by_the_words_of_the_template(approved, cast, visit):
    queue(cast, visit)
    approved.account.answer_with(RESET_AFTER_ACCEPT, 1)
    jobs.deliver_due()
    key = filled_row()
    assert message(key).status == "uncertain"
    assert jobs.resolve_uncertain() == 1
    assert message(key).provider_id == last(approved).sid


def test_without_a_provider_the_development_inbox_takes_our_own_words(in_app, cast, visit):
    queue(cast, visit)
    assert jobs.deliver_due() >= 1
    assert message(filled_row()).status == "delivered"


def test_messages_cost_no_statement_each(approved, cast):
    said = {"form": "plain", "organisation": "Harbour Clinic"}
    asked_for = {}
    for channel in ("sms", "whatsapp"):
        queued(40, channel=channel, template="contact_changed", variables=said)
        templates().all()
        with asked() as statements:
            assert jobs.deliver_due() == 40
        asked_for[channel] = len([one for one in statements if one.startswith("SELECT DISTINCT")])
    assert asked_for["sms"] == 0
    assert asked_for["whatsapp"] < 10  # one a claim


def test_attempts_are_noted_as_of_any_message(approved, cast, visit):
    queue(cast, visit)
    approved.account.answer_with(NAMED["429"], 1)
    jobs.deliver_due()
    assert [one.error_code for one in attempts(filled_row())] == ["20429"]


def test_a_message_as_template_takes_what_the_row_knows(approved, cast, visit):
    queue(cast, visit)
    assert filled.words_of(message(filled_row())).startswith("A reminder from Harbour Clinic: ")
