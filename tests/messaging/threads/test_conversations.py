"""What comes in begins a conversation, and what the desk does with one."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.data.paging import Paging
from clinic.core.errors import Invalid, NotFound
from clinic.events.models import EventRow
from clinic.messaging import window
from clinic.messaging.desk import service as ledger
from clinic.messaging.errors import AlreadyClaimed, CannotReply, Meanwhile
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from clinic.messaging.models import Conversation, Message
from clinic.messaging.queueing import refusals
from clinic.messaging.threads import queries, replying, service
from clinic.messaging.threads.queries import MINE, NEEDS_REPLY, Asked
from clinic.messaging.threads.replying import Reply
from clinic.organisations.models import Organisation
from tests.crowd import at_once, faults
from tests.factories import known_to, scheduled
from tests.messaging.ledger_helpers import ASHA, queued

OURS = "+447700900999"


def text(body, address=ASHA, channel="sms"):
    return receive(Inbound(f"SM{uuid4().hex}", address, OURS, body, channel))


def threads(person, **asked):
    return queries.conversations(person.actor, Asked(**asked), Paging(25)).items


def thread(person):
    (found,) = threads(person)
    return found


@pytest.fixture
def asked(in_app, cast):
    """Asha, to whom Harbour wrote, asks something."""
    queued(organisation_id=cast.harbour)
    text("Can somebody call me?")
    return thread(cast.esha)


def test_a_text_begins_a_conversation_that_waits(asked, cast):
    assert (asked.address, asked.unread, asked.last_text) == (ASHA, 1, "Can somebody call me?")
    assert clock.now() - asked.waits_since < timedelta(minutes=1)
    assert threads(cast.farid) == []


def test_each_text_is_unread_until_somebody_says_they_read_it(asked, cast):
    text("Are you there?")
    assert (thread(cast.esha).unread, thread(cast.esha).last_text) == (2, "Are you there?")
    service.mark_read(asked.id, cast.esha.actor)
    found = thread(cast.esha)
    assert (found.unread, found.waits_since is not None) == (0, True)
    text("Hello?")
    assert thread(cast.esha).unread == 1


def test_a_text_that_did_what_it_asked_for_needs_nobody(in_app, cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    queued(organisation_id=cast.harbour, about_id=visit.id)
    text("C")
    found = thread(cast.esha)
    assert (found.unread, found.waits_since) == (0, None)
    assert threads(cast.esha, show=NEEDS_REPLY) == []


def test_a_replayed_text_counts_once(in_app, cast):
    queued(organisation_id=cast.harbour)
    once = Inbound("SM1", ASHA, OURS, "Can somebody call me?")
    receive(once)
    receive(once)
    assert thread(cast.esha).unread == 1


def test_of_an_unknown_number_each_organisation_has_its_own(in_app, cast):
    text("Can somebody call me?", "+447700900777")
    mine, theirs = thread(cast.esha), thread(cast.farid)
    assert mine.id != theirs.id
    service.close(mine.id, cast.esha.actor)
    assert threads(cast.esha, show=NEEDS_REPLY) == []
    assert [one.id for one in threads(cast.farid, show=NEEDS_REPLY)] == [theirs.id]


def test_what_was_for_one_of_two_clinics_stands_where_its_sender_says(in_app, cast):
    for place in (cast.harbour, cast.elsewhere):
        queued(organisation_id=place)
    text("Can somebody call me?")
    assert threads(cast.esha) == threads(cast.farid) == []
    names = dict(db.session.execute(sa.select(Organisation.id, Organisation.name)).all())
    question = db.session.scalars(sa.select(Message.answer).where(Message.direction == "in")).one()
    is_first = question.index(names[cast.harbour]) < question.index(names[cast.elsewhere])
    text("1" if is_first else "2")
    lines = queries.lines(cast.esha.actor, thread(cast.esha))
    assert "Can somebody call me?" in [one.body for one in lines]
    assert thread(cast.esha).waits_since is not None
    assert threads(cast.farid) == []


def test_marked_as_seen_in_the_ledger_it_waits_no_more(asked, cast):
    waiting = db.session.scalars(sa.select(Message.id).where(Message.needs_attention)).one()
    ledger.mark_seen(waiting, cast.esha.actor)
    assert threads(cast.esha, show=NEEDS_REPLY) == []
    assert db.session.scalar(queries.count_waiting(cast.esha.actor)) == 0


def test_what_waits_is_counted_by_conversation(asked, cast):
    text("And another thing", "+447700900777")
    assert db.session.scalar(queries.count_waiting(cast.esha.actor)) == 2
    assert db.session.scalar(queries.count_waiting(cast.farid.actor)) == 1


def test_of_two_one_answers_and_the_other_hears_who(asked, cast):
    service.claim(asked.id, cast.esha.actor)
    service.claim(asked.id, cast.esha.actor)
    with pytest.raises(AlreadyClaimed, match="Esha"):
        service.claim(asked.id, cast.amir.actor)
    assert [one.id for one in threads(cast.esha, show=MINE)] == [asked.id]
    assert threads(cast.amir, show=MINE) == []
    told = db.session.scalars(sa.select(EventRow.name)).all()
    assert told.count("conversation.claimed") == 1
    service.release(asked.id, cast.amir.actor)
    service.claim(asked.id, cast.amir.actor)
    assert thread(cast.esha).claimed_by == cast.amir.user_id


def test_a_closed_one_comes_back_when_they_write_again(asked, cast):
    service.claim(asked.id, cast.esha.actor)
    service.close(asked.id, cast.esha.actor)
    found = thread(cast.esha)
    assert found.closed_at
    assert (found.unread, found.waits_since, found.claimed_by) == (0, None, None)
    text("One more question")
    found = thread(cast.esha)
    assert found.closed_at is None
    assert found.waits_since


def test_it_is_attached_to_a_patient_of_this_organisation_alone(asked, cast):
    known_to(cast.harbour, cast.bela)
    service.attach(asked.id, cast.bela.patient_id, cast.esha.actor)
    assert thread(cast.esha).patient_id == cast.bela.patient_id
    with pytest.raises(NotFound):
        service.attach(asked.id, uuid4(), cast.esha.actor)
    service.attach(asked.id, None, cast.esha.actor)
    assert thread(cast.esha).patient_id is None


COMMANDS = [service.claim, service.release, service.close, service.reopen, service.mark_read]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.__name__)
def test_another_clinics_is_not_there(asked, cast, command):
    with pytest.raises(NotFound):
        command(asked.id, cast.farid.actor)


def test_another_clinic_neither_replies_nor_attaches(asked, cast):
    with pytest.raises(NotFound):
        service.attach(asked.id, None, cast.farid.actor)
    with pytest.raises(NotFound):
        replying.reply(asked.id, Reply("Hello"), cast.farid.actor)


def test_found_by_a_part_of_the_number_or_whose_it_is(asked, cast):
    assert threads(cast.esha, text="07700 900000")
    assert threads(cast.esha, text="nobody") == []
    assert threads(cast.esha, text="asha", numbers={ASHA})
    known_to(cast.harbour, cast.bela)
    service.attach(asked.id, cast.bela.patient_id, cast.esha.actor)
    assert threads(cast.esha, text="bela", patients={cast.bela.patient_id})


def test_a_reply_is_queued_and_nobody_waits_any_more(asked, cast):
    sent = replying.reply(asked.id, Reply("Of course. When?"), cast.esha.actor)
    message = db.session.get_one(Message, sent)
    assert (message.channel, message.address, message.status) == ("sms", ASHA, "queued")
    assert message.body.endswith(": Of course. When?")
    found = thread(cast.esha)
    assert (found.unread, found.waits_since, found.last_direction) == (0, None, "out")
    assert [one.direction for one in queries.lines(cast.esha.actor, found)][-1] == "out"


def test_two_taps_send_one_reply(asked, cast):
    first = replying.reply(asked.id, Reply("Yes", key="k"), cast.esha.actor)
    assert replying.reply(asked.id, Reply("Yes", key="k"), cast.esha.actor) == first
    assert replying.reply(asked.id, Reply("Yes", key="other"), cast.esha.actor) != first


def test_who_texted_stop_gets_no_reply(asked, cast):
    text("STOP")
    with pytest.raises(CannotReply, match="STOP"):
        replying.reply(asked.id, Reply("Of course"), cast.esha.actor)
    sent = replying.reply(
        asked.id, Reply("Of course", channel="email", email="asha@cast.example"), cast.esha.actor
    )
    assert db.session.get_one(Message, sent).address == "asha@cast.example"
    lines = queries.lines(cast.esha.actor, thread(cast.esha))
    assert lines[-1].id == sent


def test_what_cannot_be_reached_gets_no_text(asked, cast):
    transactional(refusals.remember_refusal)(ASHA, "unreachable", "30005")
    with pytest.raises(CannotReply, match="do not reach"):
        replying.reply(asked.id, Reply("Of course"), cast.esha.actor)


def test_without_an_address_no_letter_goes(asked, cast):
    with pytest.raises(CannotReply) as refused:
        replying.reply(asked.id, Reply("Of course", channel="email"), cast.esha.actor)
    assert refused.value.errors[0].code == "no_email"


def test_whatsapp_takes_free_text_for_a_day(in_app, cast):
    queued(organisation_id=cast.harbour, channel="whatsapp")
    text("Can somebody call me?", channel="whatsapp")
    found = thread(cast.esha)
    sent = replying.reply(found.id, Reply("Of course"), cast.esha.actor)
    assert db.session.get_one(Message, sent).channel == "whatsapp"
    _came_before(window.OPEN_FOR)
    with pytest.raises(CannotReply, match="24 hours"):
        replying.reply(found.id, Reply("Still there?"), cast.esha.actor)
    sent = replying.reply(found.id, Reply("Still there?", channel="sms"), cast.esha.actor)
    assert db.session.get_one(Message, sent).channel == "sms"


@transactional
def _came_before(time: timedelta):
    ago = clock.now() - time
    db.session.execute(sa.update(Message).where(Message.direction == "in").values(created_at=ago))


def test_too_many_replies_are_refused_and_leave_no_row(asked, cast):
    for number in range(50):
        try:
            replying.reply(asked.id, Reply(f"Number {number}"), cast.esha.actor)
        except CannotReply as refused:
            assert refused.errors[0].code == "too_many"
            break
    else:
        pytest.fail("there is no end to it")
    skipped = sa.select(sa.func.count()).where(Message.status == "skipped")
    assert db.session.scalar(skipped) == 0


@pytest.mark.parametrize("words", ["", "   \n", "a" * 1601, "Dear {name}", "{link}"])
def test_what_is_no_reply_is_refused(asked, cast, words):
    with pytest.raises(Invalid):
        replying.reply(asked.id, Reply(words), cast.esha.actor)


def test_gaps_are_filled_and_what_people_typed_is_no_link(asked, cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    new = Reply(
        "Dear {name}, see {link} {code:email} {link:reset:1}", name="Asha {x}", visit_id=visit.id
    )
    body = db.session.get_one(Message, replying.reply(asked.id, new, cast.esha.actor)).body
    assert f"Dear Asha (x), see {{link:visit:{visit.id}}} (code:email) (link:reset:1)" in body


def test_of_two_who_claim_at_once_one_wins(both):
    """On both databases."""
    cast = both.cast
    with both.app.app_context():
        queued(organisation_id=cast.harbour)
        text("Can somebody call me?")
        key = db.session.scalars(sa.select(Conversation.id)).one()
    people = (cast.esha, cast.amir)
    answers = at_once(both.app, [partial(service.claim, key, one.actor) for one in people])
    assert faults(answers, AlreadyClaimed) == []
    assert sum(one is None for one in answers) == 1


def test_of_two_who_reply_at_once_the_second_is_asked_first(both):
    """On both databases."""
    cast = both.cast
    with both.app.app_context():
        queued(organisation_id=cast.harbour)
        text("Can somebody call me?")
        key = db.session.scalars(sa.select(Conversation.id)).one()
    calls = [
        partial(replying.reply, key, Reply("At nine.", key=one.name, seen=":"), one.actor)
        for one in (cast.esha, cast.amir)
    ]
    answers = at_once(both.app, calls)
    assert faults(answers, Meanwhile) == []
    with both.app.app_context():
        sent = sa.select(sa.func.count()).where(Message.template == "desk_reply")
        assert db.session.scalar(sent) == 1


def test_two_first_texts_at_once_begin_one_conversation(both):
    with both.app.app_context():
        queued(organisation_id=both.cast.harbour)
    answers = at_once(both.app, [partial(text, body) for body in ("Hello?", "Call me please")])
    assert faults(answers) == []
    with both.app.app_context():
        assert db.session.scalars(sa.select(Conversation.unread)).all() == [2]
