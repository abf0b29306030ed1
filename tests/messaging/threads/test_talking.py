"""A conversation of a desk with one number, where other clinics text that number, too."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.data.paging import Paging
from clinic.messaging.errors import CannotReply
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from clinic.messaging.models import Conversation, Message, SenderIdentity
from clinic.messaging.senders import chosen
from clinic.messaging.threads import queries, replying
from clinic.messaging.threads.queries import Asked
from clinic.messaging.threads.replying import Reply
from tests.cast import TODAY, at
from tests.factories import scheduled
from tests.messaging.ledger_helpers import ASHA, queued

SHARED, OWN, SERVICE = "+447700900999", "+442079460142", "MG" + "0" * 32
FAR = at("09:00", TODAY + timedelta(days=1)).replace(hour=4, minute=0)  # 09:30 in Kolkata
UNKNOWN = "+447700900777"
ASKS, MORE = "Can somebody call me?", "At ten would be good"


def text(body, address=ASHA, to=SHARED, **more):
    return receive(Inbound(f"SM{uuid4().hex}", address, to, body, **more))


def read_by(person):
    """What came in, as the desk of that person reads it."""
    db.session.rollback()
    found = queries.conversations(person.actor, Asked(), Paging(25)).items
    lines = [line for one in found for line in queries.lines(person.actor, one)]
    return [line.body for line in lines if line.direction == "in"]


def said_to(person):
    (found,) = queries.conversations(person.actor, Asked(), Paging(25)).items
    return [one.body for one in queries.lines(person.actor, found) if one.direction == "out"]


@pytest.fixture
def shared(in_app, cast):
    """Both clinics wrote to Asha; she asks something of Harbour."""
    for place in (cast.elsewhere, cast.harbour):
        queued(organisation_id=place)
    question = text(ASKS)
    text("1" if question.index("Harbour") < question.index("Far") else "2")
    return cast


def replied(person, words="Of course. When?"):
    (found,) = queries.conversations(person.actor, Asked(), Paging(25)).items
    return replying.reply(found.id, Reply(words), person.actor)


def test_who_named_a_clinic_goes_on_with_it_without_being_asked_again(shared):
    assert "Which clinic" not in text("It is about my knee")
    assert "It is about my knee" in read_by(shared.esha)
    assert read_by(shared.farid) == []


def test_what_answers_a_reply_is_for_the_desk_that_wrote_it(shared):
    replied(shared.esha)
    assert "Which clinic" not in text(MORE)
    assert MORE in read_by(shared.esha)
    assert read_by(shared.farid) == []


def test_a_reply_is_read_at_no_other_clinic(shared):
    text(ASKS, UNKNOWN)  # both have a conversation with that number
    replied(shared.farid, "Who are you?")
    for one in queries.conversations(shared.esha.actor, Asked(), Paging(25)).items:
        assert "Who are you?" not in str(queries.lines(shared.esha.actor, one))


def test_an_unknown_number_goes_on_with_the_desk_that_answered(in_app, cast):
    text(ASKS, UNKNOWN)
    replied(cast.farid)
    text(MORE, UNKNOWN)
    assert (read_by(cast.farid), read_by(cast.esha)) == ([ASKS, MORE], [ASKS])


def test_after_a_text_of_the_other_clinic_it_is_asked_again(shared, monday_morning):
    replied(shared.esha)
    monday_morning.shift(timedelta(hours=1, minutes=1))
    queued(organisation_id=shared.elsewhere)
    assert text(MORE).startswith("Which clinic")
    assert MORE not in read_by(shared.esha)


def test_what_waits_at_one_clinic_hides_nothing_from_another(shared, monday_morning):
    monday_morning.shift(timedelta(minutes=5))
    queued(organisation_id=shared.elsewhere)  # so that the next text is not for Harbour alone
    scheduled(shared.asha, shared.dr_hana, FAR)
    text("CANCEL")
    waits = sa.select(Message.body, Message.organisation_id).where(Message.needs_attention)
    db.session.rollback()
    found = {tuple(row) for row in db.session.execute(waits)}
    assert (ASKS, shared.harbour) in found
    assert ("CANCEL", shared.elsewhere) in found


def test_a_day_later_it_is_asked_again(shared, monday_morning):
    replied(shared.esha)
    monday_morning.shift(timedelta(days=1, minutes=1))
    assert text(MORE).startswith("Which clinic")


def test_what_was_said_of_a_visit_elsewhere_is_not_said(shared, monday_morning):
    """Nor is its link sent in the name of the clinic they talk with."""
    scheduled(shared.asha, shared.dr_hana, FAR)
    replied(shared.esha)
    monday_morning.shift(timedelta(hours=2))
    assert text(MORE) == "Your message is with Harbour Clinic."


def test_who_answers_a_reply_is_not_told_what_words_are_understood(in_app, cast):
    scheduled(cast.asha, cast.dr_chandra)
    queued(organisation_id=cast.harbour)
    assert "C confirms, X cancels" in text(ASKS)
    replied(cast.esha)
    assert text("Sunday at ten?") == ""  # answered within the hour, and the desk reads it
    assert "Sunday at ten?" in read_by(cast.esha)


def test_a_yes_to_a_reply_still_confirms_what_was_reminded(in_app, cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    queued(organisation_id=cast.harbour, about_id=visit.id)
    text(ASKS)
    replied(cast.esha)
    assert "is confirmed" in text("C")


def test_a_machine_that_answers_a_reply_raises_one_flag_and_begins_no_loop(in_app, cast):
    queued(organisation_id=cast.harbour)
    text(ASKS)
    replied(cast.esha)
    answers = [text("I am away until Monday") for _ in range(25)]
    assert answers == [""] * 25
    flags = sa.select(sa.func.count()).where(Message.direction == "in", Message.needs_attention)
    assert db.session.scalar(flags) == 1


# --- a number of one clinic alone


@pytest.fixture
def own(in_app, cast):
    """Harbour has a number of its own."""
    _has(cast.harbour, OWN)
    return cast


@transactional
def _has(place, value, kind="long_code", **more):
    db.session.add(
        SenderIdentity(
            organisation_id=place, channel="sms", kind=kind, value=value, can_reply=True, rate=1.0,
            countries=[], opt_outs_by="us", verified_at=clock.now(), created_at=clock.now(), **more,
        )
    )  # fmt: skip


def test_an_unknown_number_that_writes_to_it_stands_there_alone(own):
    text(ASKS, UNKNOWN, OWN)
    assert (read_by(own.esha), read_by(own.farid)) == ([ASKS], [])


def test_who_knows_both_clinics_is_not_asked_which(own):
    for place in (own.elsewhere, own.harbour):
        queued(organisation_id=place)
    assert "Which clinic" not in text(ASKS, to=OWN)
    assert (read_by(own.esha), read_by(own.farid)) == ([ASKS], [])


def test_a_visit_elsewhere_is_not_spoken_of_from_it(own):
    visit = scheduled(own.asha, own.dr_hana, FAR)
    queued(organisation_id=own.elsewhere, about_id=visit.id)
    assert text(ASKS, to=OWN) == "Your message is with Harbour Clinic."
    assert (read_by(own.esha), read_by(own.farid)) == ([ASKS], [])


def test_a_number_of_its_service_is_its_own(in_app, cast):
    _has(cast.harbour, SERVICE, "messaging_service")
    text(ASKS, UNKNOWN, "+442079460177", service=SERVICE)
    assert (read_by(cast.esha), read_by(cast.farid)) == ([ASKS], [])


@pytest.mark.parametrize("values", [{"verified_at": None}, {"is_active": False}])
def test_what_is_not_proven_or_no_longer_theirs_is_nobodys(own, values):
    transactional(db.session.execute)(sa.update(SenderIdentity).values(**values))
    text(ASKS, UNKNOWN, OWN)
    assert (read_by(own.esha), read_by(own.farid)) == ([ASKS], [ASKS])


def test_what_is_skipped_at_once_is_no_reply(in_app, cast):
    """The number has become one of ours."""
    text(ASKS, UNKNOWN)
    _has(cast.elsewhere, UNKNOWN, is_default=True)
    chosen.senders().forget()
    with pytest.raises(CannotReply):
        replied(cast.esha)
    chosen.senders().forget()
    found = queries.conversations(cast.esha.actor, Asked(queries.NEEDS_REPLY), Paging(25)).items
    assert [one.address for one in found] == [UNKNOWN]


def test_each_clinic_keeps_its_own_conversation_with_one_number(shared):
    text(ASKS, UNKNOWN)
    db.session.rollback()
    query = sa.select(Conversation.organisation_id).where(Conversation.address == UNKNOWN)
    assert set(db.session.scalars(query)) == {shared.harbour, shared.elsewhere}
    copies = sa.select(Message.organisation_id).where(Message.address == UNKNOWN)
    assert set(db.session.scalars(copies)) == {None, shared.harbour, shared.elsewhere}
