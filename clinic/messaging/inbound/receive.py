"""A text comes in: kept once by its MessageSid, answered in the same transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core import clock, running, saying
from clinic.core.data.db import db, insert_new, one_at_a_time, transactional
from clinic.events.service import record
from clinic.messaging import channels
from clinic.messaging.facts import AddressOptedIn, AddressOptedOut, MessageReceived
from clinic.messaging.inbound import machines, places, shared, words
from clinic.messaging.inbound import meaning as inbound
from clinic.messaging.inbound.meaning import Meaning, Word
from clinic.messaging.inbound.places import Place
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages, refusals
from clinic.messaging.statuses import Status
from clinic.messaging.words import catalogue

LONGEST_BODY = 1600  # what Twilio concatenates at most
AN_HOUR = timedelta(hours=1)
MOST_ANSWERS = 6  # to a number in an hour that did nothing
MOST_LOOKED_AT = 100
MOST_SHARED = 20  # texts of an unknown number in an hour: a machine must not fill every ledger
_ONCE = frozenset({Word.UNKNOWN, Word.HELP})  # the same again tells nothing new


@dataclass(frozen=True, slots=True)
class Inbound:
    """As the provider posted it; `address` is the sender's E.164 number."""

    sid: str
    address: str
    to: str
    body: str
    channel: str = "sms"


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` goes back in TwiML; empty says nothing. `for_people` puts it before the desk.

    `listed` are the visits that a list in the text names, in its order: the next text may say "2B".
    `is_step` says that something was done.
    """

    text: str
    about_id: UUID | None = None
    organisation_id: UUID | None = None
    for_people: bool = False
    listed: tuple[UUID, ...] = ()
    is_step: bool = False
    places: tuple[Place, ...] = ()  # the text asks which of them it is for
    is_nobodys: bool = False  # until that is said, no desk reads it
    desks: tuple[UUID, ...] = ()  # nobody knows the number: each of these reads a copy


SILENCE = Answer("")
Answering = Callable[[str, Meaning], Answer]


@transactional
def receive(text: Inbound) -> str:
    """Keep the text and return the answer to it; a replay gets the stored one."""
    if not _keep(text):
        return _stored_answer(text.sid)
    meaning = inbound.read(text.body)
    refusals.end_refusal(text.address, (refusals.UNREACHABLE,), how="text")  # it is on again
    last = _last_text_to(text.address)
    with saying.in_language(last.language if last else "en"):
        answer = _not_for_ever(text, meaning, _answer(text, meaning))
    place = _place_of(answer, last)
    db.session.execute(
        sa.update(Message)
        .where(Message.provider_id == text.sid)
        .values(
            answer=answer.text,
            about_id=answer.about_id,
            organisation_id=place,
            needs_attention=answer.for_people,
            listed=[str(visit_id) for visit_id in answer.listed] or None,
            places=places.ids(answer.places) or None,
        )
    )
    text_id = _id_of(text.sid)
    record(MessageReceived(organisation_id=place, message_id=text_id), THE_SYSTEM)
    if answer.desks:
        shared.put_before(text_id, answer.desks, _desks_it_waits_at(text))
    messages.ring({place})
    if answer.for_people:
        messages.ring_counts({place})
    return answer.text


def _place_of(answer: Answer, last: sa.Row | None) -> UUID | None:
    if answer.is_nobodys:
        return None
    return answer.organisation_id or (last.organisation_id if last else None)


def _keep(text: Inbound) -> bool:
    moment = clock.now()
    statement = insert_new(Message).values(
        id=uuid4(),
        direction="in",
        channel=text.channel,
        audience="patient",
        address=text.address,
        sender=text.to,
        template=catalogue.INBOUND,
        language="en",
        body=text.body[:LONGEST_BODY],
        status=Status.RECEIVED,
        due_at=moment,
        attempts=0,
        provider_id=text.sid,
        needs_attention=False,
        created_at=moment,
        settled_at=moment,
    )
    # On PostgreSQL this waits for a twin in flight, whose answer is then the stored one.
    kept = statement.returning(Message.id)
    return db.session.execute(kept).first() is not None


def _stored_answer(sid: str) -> str:
    return db.session.scalar(sa.select(Message.answer).where(Message.provider_id == sid)) or ""


def _id_of(sid: str) -> UUID:
    return db.session.execute(sa.select(Message.id).where(Message.provider_id == sid)).scalar_one()


def _answer(text: Inbound, meaning: Meaning) -> Answer:
    if channels.is_our_own(text.address):
        return SILENCE
    if machines.is_noise(text.body):
        return _for_whom(text, Answer("", for_people=True))
    if place := places.named(text.address, text.sid, inbound.number(text.body)):
        places.hand_over(text.address, place)
        return Answer(words.passed_on(place.name), organisation_id=place.id, is_step=True)
    if meaning.word is Word.STOP:
        _opt_out(text)
        return Answer("")  # the carrier has answered; one more text would be refused
    if meaning.word in (Word.START, Word.YES) and _opt_in(text, meaning):
        return Answer(words.texts_again(last_to_text(text.address)))
    if meaning.word is Word.HELP:
        return Answer(words.how_to_answer(last_to_text(text.address)))
    answer_visit: Answering = running.registered("answering")  # the room above that knows visits
    answer = answer_visit(text.address, meaning)
    if meaning.word is Word.CARRIER_CANCEL:
        _opt_out(text)
        # After a carrier's stop word nothing can be texted back; the desk must know instead.
        return replace(answer, text="", for_people=True, listed=())
    return _for_whom(text, answer) if answer.for_people else answer


def _for_whom(text: Inbound, answer: Answer) -> Answer:
    """What a person must read goes to one desk; where it may be for several, the sender says. Of a
    number that nobody knows each of them reads it.

    A reaction is kept for nobody then: it repeats what one of them wrote, and asks nothing.
    """
    known = places.that_wrote_to(text.address) or list(answer.places)
    if len(known) < 2:
        return _for_all(text, answer) if not known else _at(known[0].id, answer)
    if not answer.text:
        return Answer("", is_nobodys=True)
    question = words.which([one.name for one in known])
    return Answer(question, places=tuple(known), is_nobodys=True)


def _for_all(text: Inbound, answer: Answer) -> Answer:
    if answer.organisation_id or last_to_text(text.address):
        return answer
    desks = shared.organisations_of_sender()
    if len(desks) == 1:
        return _at(desks[0], answer)
    if not answer.text:
        return Answer("", is_nobodys=True)
    return replace(answer, for_people=False, is_nobodys=True, desks=tuple(desks))


def _at(place: UUID, answer: Answer) -> Answer:
    return replace(answer, organisation_id=answer.organisation_id or place, places=())


def _not_for_ever(text: Inbound, meaning: Meaning, answer: Answer) -> Answer:
    """Something at the other end may answer our answers. What was done is always said; else there
    is an end to it in each hour, and one text before the desk stands for those that follow.
    """
    if answer.is_step or not (answer.text or answer.for_people):
        return answer
    one_at_a_time(f"inbound:{text.address}")
    lately = _texts_of_late(text)
    is_again = meaning.word in _ONCE and any(
        machines.is_same(text.body, one.body) for one in lately
    )
    answered = sum(bool(one.answer) for one in lately)
    is_heard = is_again or answered >= MOST_ANSWERS
    return replace(
        answer,
        text="" if is_heard else answer.text,
        listed=() if is_heard else answer.listed,
        desks=() if is_again or len(lately) >= MOST_SHARED else answer.desks,
        for_people=answer.for_people and not any(one.needs_attention for one in lately),
    )


def _texts_of_late(text: Inbound) -> Sequence[sa.Row]:
    """What came from there in the last hour, but for this one."""
    query = sa.select(Message.body, Message.answer, Message.needs_attention).where(
        Message.address == text.address,
        Message.direction == "in",
        Message.created_at > clock.now() - AN_HOUR,
        Message.provider_id != text.sid,  # nor copies, which have none
    )
    return db.session.execute(query.order_by(Message.created_at.desc()).limit(MOST_LOOKED_AT)).all()


def _desks_it_waits_at(text: Inbound) -> set[UUID]:
    """Those that have still to look at a text of this number, which came within the hour."""
    query = sa.select(Message.organisation_id).where(
        Message.address == text.address,
        Message.created_at > clock.now() - AN_HOUR,
        Message.needs_attention,
        shared.is_copy(),
    )
    return {desk for desk in db.session.scalars(query) if desk}


def last_to_text(address: str) -> UUID | None:
    """Whose front desk reads what is about no upcoming visit."""
    last = _last_text_to(address)
    return last.organisation_id if last else None


def _last_text_to(address: str) -> sa.Row | None:
    return db.session.execute(
        sa.select(Message.organisation_id, Message.language)
        .where(Message.address == address, Message.direction == "out")
        .order_by(Message.created_at.desc())
        .limit(1)
    ).one_or_none()


def _opt_in(text: Inbound, meaning: Meaning) -> bool:
    """START always means texts again; YES only where they were refused, else it confirms."""
    if refusals.end_refusal(text.address, how="text"):
        record(AddressOptedIn(organisation_id=None, message_id=_id_of(text.sid)), THE_SYSTEM)
        return True
    return meaning.word is Word.START


def _opt_out(text: Inbound) -> None:
    refusals.remember_refusal(text.address, "opted_out", "stop_word")
    record(AddressOptedOut(organisation_id=None, message_id=_id_of(text.sid)), THE_SYSTEM)
