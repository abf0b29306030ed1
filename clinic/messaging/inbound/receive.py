"""A text comes in: kept once by its MessageSid, answered in the same transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core import clock, running, saying
from clinic.core.data.db import db, insert_new, transactional
from clinic.events.service import record
from clinic.messaging.facts import AddressOptedIn, AddressOptedOut, MessageReceived
from clinic.messaging.inbound import meaning as inbound
from clinic.messaging.inbound import words
from clinic.messaging.inbound.meaning import Meaning, Word
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages, refusals
from clinic.messaging.statuses import Status
from clinic.messaging.words import catalogue

LONGEST_BODY = 1600  # what Twilio concatenates at most


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
    """

    text: str
    about_id: UUID | None = None
    organisation_id: UUID | None = None
    for_people: bool = False
    listed: tuple[UUID, ...] = ()


Answering = Callable[[str, Meaning], Answer]


@transactional
def receive(text: Inbound) -> str:
    """Keep the text and return the answer to it; a replay gets the stored one."""
    if not _keep(text):
        return _stored_answer(text.sid)
    meaning = inbound.read(text.body)
    last = _last_text_to(text.address)
    with saying.in_language(last.language if last else "en"):
        answer = _answer(text, meaning)
    place = answer.organisation_id or (last.organisation_id if last else None)
    db.session.execute(
        sa.update(Message)
        .where(Message.provider_id == text.sid)
        .values(
            answer=answer.text,
            about_id=answer.about_id,
            organisation_id=place,
            needs_attention=answer.for_people,
            listed=[str(visit_id) for visit_id in answer.listed] or None,
        )
    )
    record(MessageReceived(organisation_id=place, message_id=_id_of(text.sid)), THE_SYSTEM)
    messages.ring({place})
    return answer.text


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
    if meaning.word is Word.STOP:
        _opt_out(text)
        return Answer("")  # the carrier has answered; one more text would be refused
    if meaning.word in (Word.START, Word.YES) and _opt_in(text, meaning):
        return Answer(words.texts_again())
    if meaning.word is Word.HELP:
        return Answer(words.how_to_answer())
    answer_visit: Answering = running.registered("answering")  # the room above that knows visits
    answer = answer_visit(text.address, meaning)
    if meaning.word is Word.CARRIER_CANCEL:
        _opt_out(text)
        # After a carrier's stop word nothing can be texted back; the desk must know instead.
        return Answer("", answer.about_id, answer.organisation_id, for_people=True)
    return answer


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
    if refusals.forget_refusal(text.address):
        record(AddressOptedIn(organisation_id=None, message_id=_id_of(text.sid)), THE_SYSTEM)
        return True
    return meaning.word is Word.START


def _opt_out(text: Inbound) -> None:
    refusals.remember_refusal(text.address, "opted_out", "stop_word")
    record(AddressOptedOut(organisation_id=None, message_id=_id_of(text.sid)), THE_SYSTEM)
