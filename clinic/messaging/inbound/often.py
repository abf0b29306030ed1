"""How often a number is answered and stands before a desk: a machine may be at the other end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, one_at_a_time
from clinic.messaging.heard import machines
from clinic.messaging.heard import meaning as heard
from clinic.messaging.heard.meaning import Meaning, Word
from clinic.messaging.inbound import shared
from clinic.messaging.inbound.answers import Answer, Inbound
from clinic.messaging.models import Message

AN_HOUR = timedelta(hours=1)
MOST_ANSWERS = 6  # to a number in an hour that did nothing
MOST_LOOKED_AT = 100
MOST_SHARED = 20  # texts of an unknown number in an hour: a machine must not fill every ledger
PICTURE = "\U0001f4f7"  # stands in a text for each that came along
_ONCE = frozenset(  # said again in an hour: no news
    {Word.UNKNOWN, Word.HELP, Word.START, Word.PICTURE, Word.OTHER_TIME}
)


def bounded(text: Inbound, meaning: Meaning, answer: Answer, place: UUID | None) -> Answer:
    """Something at the other end may answer our answers. What was done is always said; else there
    is an end to it in each hour, and one text before the desk of that place stands for those that
    follow there.
    """
    if answer.is_step or not (answer.text or answer.for_people):
        return answer
    one_at_a_time(f"inbound:{text.address}")
    lately = _texts_of_late(text)
    is_again = meaning.word in _ONCE and any(
        machines.is_same(text.body, one.body) for one in lately
    )
    answered = [one.body for one in lately if one.answer]
    is_heard = is_again or len(answered) >= MOST_ANSWERS or _was_answered(meaning, answered)
    return replace(
        answer,
        text="" if is_heard else answer.text,
        listed=() if is_heard else answer.listed,
        desks=() if is_again or len(lately) >= MOST_SHARED else answer.desks,
        for_people=answer.for_people
        and not any(one.needs_attention and one.organisation_id == place for one in lately),
    )


def _was_answered(meaning: Meaning, bodies: Sequence[str]) -> bool:
    """Help twice, or two texts that nobody here can read: one answer to both."""
    return meaning.word in _ONCE and any(_word_of(body) is meaning.word for body in bodies)


def _word_of(body: str) -> Word:
    return Word.PICTURE if PICTURE in body else heard.read(body).word


def _texts_of_late(text: Inbound) -> Sequence[sa.Row]:
    """What came from there in the last hour, but for this one."""
    query = sa.select(
        *(Message.body, Message.answer, Message.needs_attention, Message.organisation_id)
    ).where(
        Message.address == text.address,
        Message.direction == "in",
        Message.created_at > clock.now() - AN_HOUR,
        Message.provider_id != text.sid,  # nor copies, which have none
    )
    return db.session.execute(query.order_by(Message.created_at.desc()).limit(MOST_LOOKED_AT)).all()


def desks_it_waits_at(text: Inbound) -> set[UUID]:
    """Those that have still to look at a text of this number, which came within the hour."""
    query = sa.select(Message.organisation_id).where(
        Message.address == text.address,
        Message.created_at > clock.now() - AN_HOUR,
        Message.needs_attention,
        shared.is_copy(),
    )
    return {desk for desk in db.session.scalars(query) if desk}
