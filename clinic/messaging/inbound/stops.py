"""STOP, START and HELP: what is said of our texts as such, not of a visit."""

from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core.data.db import db
from clinic.events.service import record
from clinic.messaging.facts import AddressOptedIn, AddressOptedOut
from clinic.messaging.heard import meaning as heard
from clinic.messaging.heard.meaning import Meaning, Word
from clinic.messaging.inbound import places, shared, words
from clinic.messaging.inbound.answers import Answer, Inbound
from clinic.messaging.models import SenderIdentity
from clinic.messaging.queueing import refusals

CARRIED = ("sms",)  # where carriers or the provider answer STOP by themselves


def about_texts(text: Inbound, meaning: Meaning, message_id: UUID) -> Answer | None:
    """What was said of our texts as such, not of a visit."""
    if meaning.word is Word.STOP:
        return _stopped(text, meaning, message_id)
    if meaning.word is Word.HELP:
        return Answer("" if _is_answered(text) else words.how_to_answer(_place(text)))
    if meaning.word not in (Word.START, Word.YES):
        return None
    has_ended = _opt_in(text, message_id)
    if not has_ended and meaning.word is Word.YES:  # where texts were not refused, it confirms
        return None
    said = "" if _is_answered(text) else words.texts_again(_place(text))
    return Answer(said, is_step=has_ended)


def _place(text: Inbound) -> UUID | None:
    return owner_of_sender(text) or places.last_to_text(text.address)


def _is_answered(text: Inbound) -> bool:
    """Did the provider take it for its own word, and say so? On WhatsApp we are the ones who do."""
    return bool(text.opt_out) and text.channel in CARRIED


def _opt_in(text: Inbound, message_id: UUID) -> bool:
    """Returns whether texts were refused."""
    place = owner_of_sender(text)
    if refusals.end_by_word(text.address, text.channel, place):
        record(AddressOptedIn(organisation_id=place, message_id=message_id), THE_SYSTEM)
        return True
    return False


def owner_of_sender(text: Inbound) -> UUID | None:
    """Whose own the number is that was texted, closed or not; None for one that is shared."""
    theirs = shared.of_sender(text.channel, text.to, text.service)
    return db.session.scalar(sa.select(SenderIdentity.organisation_id).where(*theirs).limit(1))


def _stopped(text: Inbound, meaning: Meaning, message_id: UUID) -> Answer:
    """Of a word of the carriers they say it themselves, and refuse one more text of ours."""
    is_new = opt_out(text, message_id)
    is_of_carriers = text.channel in CARRIED and heard.is_of_carriers(text.body)
    if is_of_carriers or _is_answered(text) or not is_new:
        return Answer("", for_people=meaning.is_sentence)
    place = _place(text)
    return Answer(
        words.no_more_texts(place), None, place, for_people=meaning.is_sentence, is_step=True
    )


def opt_out(text: Inbound, message_id: UUID) -> bool:
    """By that channel, of whose sender it is. Returns whether it is news."""
    place = owner_of_sender(text)
    is_new = refusals.remember_refusal(
        text.address, refusals.OPTED_OUT, "stop_word", (text.channel,), place
    )
    record(AddressOptedOut(organisation_id=place, message_id=message_id), THE_SYSTEM)
    return is_new
