"""A text comes in: kept once by its MessageSid, answered in the same transaction."""

from dataclasses import replace
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core import clock, running, saying
from clinic.core.data.db import db, insert_new, transactional
from clinic.events.service import record
from clinic.messaging import channels
from clinic.messaging.conversations import keep as conversations
from clinic.messaging.conversations import nights
from clinic.messaging.conversations.nights import Night
from clinic.messaging.facts import MessageReceived
from clinic.messaging.heard import machines, posted
from clinic.messaging.heard import meaning as heard
from clinic.messaging.heard.meaning import NOTHING, Meaning, Word
from clinic.messaging.inbound import often, places, shared, stops, words
from clinic.messaging.inbound.answers import SILENCE, Answer, Answering, Inbound
from clinic.messaging.inbound.places import Place
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages, refusals
from clinic.messaging.statuses import Status
from clinic.messaging.words import catalogue

LONGEST_BODY = 1600  # what Twilio concatenates at most
HANDED_OVER = {Status.SENDING, Status.UNCERTAIN, Status.SENT, Status.DELIVERED}  # or perhaps
_OK = (Word.CONFIRM, Word.YES)
_SAYS_ALL = (Word.STOP, Word.CARRIER_CANCEL)  # their answers must not be left out


@transactional
def receive(text: Inbound) -> str:
    """Keep the text and return the answer to it; a replay gets the stored one."""
    text = replace(text, address=places.known_form(text.address))
    if not _keep(text):
        return _stored_answer(text.sid)
    meaning = posted.read(text.body, text.opt_out, text.payload, text.button, text.media)
    refusals.end_refusal(text.address, (refusals.UNREACHABLE,), how="text")  # it is on again
    last = places.last_text_to(text.address)
    with saying.in_language(last.language if last else "en"):
        answer = _to_test(meaning, last) or _answer(text, meaning)
        place = _place_of(answer, last)
        answer = often.bounded(text, meaning, answer, place)
        night = _night(text, meaning, answer, place)
        if night:
            answer = replace(answer, text=words.closed(place, night, answer.text))
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
        shared.put_before(text_id, answer.desks, often.desks_it_waits_at(text))
    told = clock.now() if night else None
    conversations.note(text_id, desks=answer.desks, is_read=answer.is_step, told_closed_at=told)
    messages.ring({place})
    if answer.for_people:
        messages.ring_counts({place})
    return answer.text


def _place_of(answer: Answer, last: sa.Row | None) -> UUID | None:
    if answer.is_nobodys:
        return None
    return answer.organisation_id or (last.organisation_id if last else None)


def _night(text: Inbound, meaning: Meaning, answer: Answer, place: UUID | None) -> Night | None:
    """Of what somebody must read, while nobody is there who would. What was done is said instead,
    and to a machine nothing."""
    is_of_a_visit = answer.is_step and not answer.places
    if place is None or not answer.text or is_of_a_visit or meaning.word in _SAYS_ALL:
        return None
    if not (answer.for_people or answer.places):
        return None
    return nights.untold(place, text.address)


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
        body=_shown(text),
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


def _shown(text: Inbound) -> str:
    """With a sign for each picture, which is not kept."""
    return " ".join(filter(None, (text.body[:LONGEST_BODY], often.PICTURE * text.media)))


def _stored_answer(sid: str) -> str:
    return db.session.scalar(sa.select(Message.answer).where(Message.provider_id == sid)) or ""


def _id_of(sid: str) -> UUID:
    return db.session.execute(sa.select(Message.id).where(Message.provider_id == sid)).scalar_one()


def _to_test(meaning: Meaning, last: sa.Row | None) -> Answer | None:
    """ "OK" to a test message, if that is what was said last: no visit is meant, and no desk need
    read it."""
    if last is None or last.template != catalogue.TEST or meaning.code or meaning.position:
        return None
    if last.status not in HANDED_OVER:
        return None
    if meaning.word not in _OK or last.created_at < clock.now() - often.AN_HOUR:
        return None
    place = last.organisation_id
    return Answer(words.test_arrived(place), organisation_id=place, is_step=True)


def _answer(text: Inbound, meaning: Meaning) -> Answer:
    if channels.is_our_own(text.address):
        return SILENCE
    if machines.is_noise(text.body) and meaning == NOTHING:
        return _for_whom(text, Answer("", for_people=True))
    chosen = None if text.payload or text.button else heard.number(text.body)
    if place := places.named(text.address, text.sid, chosen):
        places.hand_over(text.address, place)
        said = words.passed_on(place.name)
        return Answer(said, organisation_id=place.id, is_step=True, places=(place,))
    if answer := stops.about_texts(text, meaning, _id_of(text.sid)):
        return answer
    answer_visit: Answering = running.registered("answering")  # the room above that knows visits
    answer = answer_visit(text.address, meaning)
    if meaning.word is Word.CARRIER_CANCEL:
        stops.opt_out(text, _id_of(text.sid))
        if text.channel in stops.CARRIED:
            # After a carrier's stop word nothing can be texted back; the desk must know instead.
            answer = replace(answer, text="", listed=())
        return replace(answer, for_people=True)
    if answer.for_people:
        return _for_whom(text, answer)
    # Of a step the organisation is known; what came along with it nobody here has seen.
    return replace(answer, for_people=bool(text.media and answer.is_step))


def _for_whom(text: Inbound, answer: Answer) -> Answer:
    """What a person must read goes to one desk; where it may be for several, the sender says. Of a
    number that nobody knows each of them reads it. Who goes on talking with a desk, or writes to a
    number that is one organisation's own, is not asked.

    A reaction is kept for nobody then: it repeats what one of them wrote, and asks nothing.
    """
    owner = shared.owner_of(text.channel, text.to, text.service)
    talks = places.talking_with(text.address, text.sid)
    if talks and owner in (None, talks):
        return _theirs(talks, answer, words.passed_on(talks.name))
    if owner:
        return _theirs(owner, answer)
    known = places.that_wrote_to(text.address) or list(answer.places)
    if len(known) < 2:
        return _for_all(text, answer) if not known else _at(known[0].id, answer)
    if not answer.text:
        return Answer("", is_nobodys=True)
    if answer.is_strangers:  # to be asked would tell who wrote there
        desks = tuple(one.id for one in known)
        return replace(answer, for_people=False, is_nobodys=True, desks=desks)
    question = words.which([one.name for one in known])
    return Answer(question, places=tuple(known), is_nobodys=True)


def _for_all(text: Inbound, answer: Answer) -> Answer:
    if answer.organisation_id or places.last_to_text(text.address):
        return answer
    desks = shared.organisations_of_sender(text.channel)
    if len(desks) == 1:
        return _at(desks[0], answer)
    if not answer.text:
        return Answer("", is_nobodys=True)
    return replace(answer, for_people=False, is_nobodys=True, desks=tuple(desks))


def _theirs(place: Place, answer: Answer, said: str = "") -> Answer:
    """Whatever else is known of that number: it was written to them. `said` if anything is; of a
    visit elsewhere nothing is."""
    is_elsewhere = answer.organisation_id not in (None, place.id)
    if is_elsewhere:
        answer, said = replace(answer, about_id=None), said or words.passed_on(place.name)
    return replace(
        answer,
        text=(said or answer.text) if answer.text else "",
        organisation_id=place.id,
        places=(place,) if answer.text and said else (),
    )


def _at(place: UUID, answer: Answer) -> Answer:
    return replace(answer, organisation_id=answer.organisation_id or place, places=())
