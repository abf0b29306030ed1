"""What answers our answers is not answered for ever, and stands before the desk once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.messaging.inbound import often
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.factories import fresh, scheduled
from tests.reminders.plan_helpers import ASHA

_numbers = iter(range(1, 10_000))


def text(body, phone=ASHA):
    return receiving.receive(Inbound(f"SM{next(_numbers)}", phone, "+44", body))


def came_in():
    db.session.rollback()
    rows = sa.select(Message).where(Message.direction == "in").order_by(Message.created_at)
    return db.session.scalars(rows).all()


@pytest.fixture
def visit(both: Stage):
    with both.app.app_context():
        visit = scheduled(both.cast.asha, both.cast.dr_chandra, "09:30")
        news = NewMessage(
            visit.organisation_id, "sms", ASHA, "visit_booked", about_id=visit.id, is_known=True
        )
        transactional(messages.queue_messages)([news])
        yield visit


BODIES = {
    "the same": lambda number: "I am driving and will answer later",
    "others": lambda number: f"Ticket {number} was opened for you",
    "help": lambda number: "HELP",
    "wrong codes": lambda number: f"CANCEL ZZZ{number // 8 + 2}{number % 8 + 2}",
    "start": lambda number: "START",
}


@pytest.mark.parametrize("kind", BODIES)
def test_sixty_texts_of_a_number_get_a_few_answers_and_one_flag(visit, kind):
    answers = [text(BODIES[kind](number)) for number in range(60)]
    answered = sum(bool(answer) for answer in answers)
    assert answered == (often.MOST_ANSWERS if kind == "wrong codes" else 1)
    rows = came_in()
    assert len(rows) == 60
    assert sum(row.needs_attention for row in rows) == (kind in ("the same", "others"))


def test_help_in_other_words_and_a_second_question_are_answered_by_the_first_answer(visit):
    asked = [
        text(body) for body in ("HELP", "INFO", "Help?", "May I bring my dog?", "A cat, then?")
    ]
    assert [bool(answer) for answer in asked] == [True, False, False, True, False]


def test_start_that_ends_something_is_always_said(visit):
    assert [bool(text(body)) for body in ("START", "STOP", "START", "START")] == [
        True, False, True, False
    ]  # fmt: skip


def test_a_sentence_to_stop_is_answered_once_and_seen_at_the_desk(visit):
    answers = [text("please stop texting me") for _ in range(25)]
    assert "no more of our texts" in answers[0]
    assert answers[1:] == [""] * 24
    assert [row.needs_attention for row in came_in()] == [True] + [False] * 24


def test_the_next_hour_is_another_one(visit, monday_morning):
    for number in range(10):
        text(f"Ticket {number}")
    monday_morning.shift(timedelta(minutes=61))
    assert text("Ticket 11")


def test_what_was_done_is_always_said(visit):
    for number in range(10):
        text(f"Ticket {number}")
    assert "is confirmed" in text("C")
    assert "is cancelled" in text("X")
    assert fresh(visit).status == "cancelled"


def test_another_number_has_answers_of_its_own(visit):
    for number in range(10):
        text(f"Ticket {number}")
    assert text("hello", phone="+447700900001")


def test_once_the_desk_has_looked_the_next_text_stands_before_it_again(visit):
    text("Can I come at 10?")
    transactional(db.session.execute)(sa.update(Message).values(needs_attention=False))
    text("Or at 11?")
    assert [row.needs_attention for row in came_in()] == [False, True]


@pytest.mark.parametrize("body", ["", "Liked \u201cHarbour Clinic: see you Mon 16 Nov\u201d"])
def test_noise_is_kept_and_flagged_once_and_not_answered(visit, body):
    assert {text(body) for _ in range(5)} == {""}
    assert [row.needs_attention for row in came_in()] == [True] + [False] * 4
    assert fresh(visit).status == "scheduled"


@pytest.mark.parametrize("setting", ["twilio_from", "twilio_from_doctor", "twilio_whatsapp_from"])
def test_our_own_senders_are_never_answered_nor_texted(both: Stage, visit, monkeypatch, setting):
    settings = both.app.config["SETTINGS"].model_copy(update={setting: "+447700900999"})
    monkeypatch.setitem(both.app.config, "SETTINGS", settings)
    assert [text(body, "+447700900999") for body in ("hello", "C", "STOP", "HELP")] == [""] * 4
    assert not any(row.needs_attention for row in came_in())
    new = NewMessage(None, "sms", "+447700900999", "code", is_known=True)
    transactional(messages.queue_messages)([new])
    sent = sa.select(Message.status, Message.error_code).where(Message.template == "code")
    assert db.session.execute(sent).one() == ("skipped", "no_address")


def test_texts_that_come_at_once_do_not_pass_together(both: Stage, visit):
    calls = [lambda number=number: text(f"Ticket {number}") for number in range(16)]
    answers = at_once(both.app, calls)
    assert faults(answers) == []
    assert sum(bool(answer) for answer in answers) == 1
    assert sum(row.needs_attention for row in came_in()) == 1
