"""Who texts while the desk is closed hears so, once until it opens; a machine never does."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.messaging.conversations.models import DeskHours
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from clinic.messaging.models import Message
from clinic.messaging.threads.hours import service as desk_hours
from clinic.messaging.threads.hours.service import Times
from clinic.messaging.words import gsm, rendering
from clinic.organisations.models import Organisation
from tests.factories import known_to, scheduled
from tests.messaging.ledger_helpers import ASHA, queued

CLOSED, CALL = "we are closed now and read this from", "In an emergency call "
NUMBER = CALL + "999."


def text(body, channel="sms", **more):
    answer = receive(Inbound(f"SM{uuid4().hex}", ASHA, "+447700900999", body, channel, **more))
    assert not answer or gsm.fits(rendering.with_secrets(answer)), answer
    return answer


@transactional
def change(place, **values):
    query = sa.update(Organisation).where(Organisation.id == place)
    db.session.execute(query.values(**values))


@pytest.fixture
def closed(in_app, cast):
    """At 06:30 on Monday; Harbour wrote to Asha."""
    desk_hours.save(Times(is_on=True), cast.amir.actor)
    change(cast.harbour, emergency_number="999")
    queued(organisation_id=cast.harbour)
    return cast


def flagged():
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message.body).where(Message.needs_attention)))


def test_it_says_until_when_and_whom_to_call_and_the_desk_reads_it_all_the_same(closed):
    said = text("Can somebody call me?")
    assert said.startswith("Harbour Clinic: we are closed now and read this from Mon 16 Nov")
    assert "09:00" in said
    assert NUMBER in said
    assert flagged() == ["Can somebody call me?"]


def test_the_link_of_the_visit_stays(closed):
    scheduled(closed.asha, closed.dr_chandra)
    said = text("Can somebody call me?")
    assert CLOSED in said
    assert "Your visit: {link:visit:" in said


def test_once_in_a_night_and_again_in_the_next(closed, monday_morning):
    assert CLOSED in text("Can somebody call me?")
    monday_morning.shift(timedelta(hours=2))  # 08:30
    assert CLOSED not in text("It is about my knee")
    monday_morning.shift(timedelta(hours=2))  # 10:30
    assert CLOSED not in text("Hello, are you there?")
    monday_morning.shift(timedelta(hours=7))  # 17:30
    assert "from Tue 17 Nov" in text("It hurts more")
    monday_morning.shift(timedelta(hours=8))  # past midnight: the same night
    assert CLOSED not in text("Still nobody there?")


def test_each_number_hears_it_for_itself(closed):
    assert CLOSED in text("Can somebody call me?")
    queued(organisation_id=closed.harbour, address="+447700900777")
    other = Inbound("SM-other", "+447700900777", "+447700900999", "And me?")
    assert CLOSED in receive(other)


def test_a_replay_hears_the_same(closed):
    once = Inbound("SM-once", ASHA, "+447700900999", "Can somebody call me?")
    assert receive(once) == receive(once)


def test_25_automatic_replies_hear_it_once_and_raise_one_flag(closed):
    answers = [text("I am driving and will answer later") for _ in range(25)]
    assert sum(bool(answer) for answer in answers) == 1
    assert len(flagged()) == 1


@pytest.mark.parametrize(
    "body", ["", 'Liked "Harbour Clinic: see you"', "STOP", "please stop texting me", "HELP"]
)
def test_no_machine_and_no_word_about_texts_hears_it(closed, body):
    assert CALL not in text(body)


def test_what_was_done_is_said_instead(closed):
    visit = scheduled(closed.asha, closed.dr_chandra)
    queued(organisation_id=closed.harbour, about_id=visit.id)
    assert "is confirmed" in text("C")
    assert CLOSED in text("But where do I park?")


def test_a_picture_hears_it_too(closed):
    assert CLOSED in text("", media=1)


def test_while_somebody_is_there_nothing_is_said(closed, monday_morning):
    monday_morning.shift(timedelta(hours=3))
    assert CALL not in text("Can somebody call me?")


def test_switched_off_nothing_is_said(closed):
    desk_hours.save(Times(is_on=False), closed.amir.actor)
    assert CALL not in text("Can somebody call me?")


def test_another_clinics_hours_say_nothing(closed):
    change(closed.harbour, name="Closed Clinic")
    known_to(closed.elsewhere, closed.bela)
    queued(organisation_id=closed.elsewhere, address="+447700900001")
    said = receive(Inbound("SM-far", "+447700900001", "+447700900999", "Can somebody call me?"))
    assert CALL not in said


def test_of_two_clinics_the_named_one_says_it(closed):
    queued(organisation_id=closed.elsewhere)
    question = text("Can somebody call me?")
    assert question.startswith("Which clinic")
    said = text("1" if question.index("Harbour") < question.index("Far") else "2")
    assert said.startswith("Harbour Clinic: we are closed")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Nobody is here until nine", "Harbour Clinic: Nobody is here until nine. " + NUMBER),
        ("See you at nine!", "Harbour Clinic: See you at nine! " + NUMBER),
        ("{link:reset:1} {name}", "Harbour Clinic: (link:reset:1) (name). " + NUMBER),
        ("हम सुबह नौ बजे फिर मिलेंगे", "Harbour Clinic: हम सुबह नौ बजे फिर मिलेंगे. " + NUMBER),
    ],
)
def test_their_own_words_stand_before_the_number(closed, words, said):
    desk_hours.save(Times(is_on=True, words=words), closed.amir.actor)
    assert text("Can somebody call me?") == said


def test_words_that_one_text_does_not_hold_give_way_to_ours_never_the_number(closed):
    words = "ਕ" * 100  # of a script of which 134 letters are two parts
    desk_hours.save(Times(is_on=True, words=words), closed.amir.actor)
    change(closed.harbour, name="The " + "Very " * 15 + "Long Clinic")
    said = text("Can somebody call me?")
    assert CLOSED in said
    assert said.endswith(NUMBER)


def test_the_hours_are_of_the_zone_of_the_clinic(closed):
    change(closed.harbour, timezone="Asia/Kolkata")  # 12:00 there
    assert CALL not in text("Can somebody call me?")


def test_one_row_of_hours_an_organisation(closed):
    desk_hours.save(Times(is_on=True, words="Later"), closed.amir.actor)
    assert db.session.scalars(sa.select(DeskHours.words)).all() == ["Later"]
