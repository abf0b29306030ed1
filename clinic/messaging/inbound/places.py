"""Which organisation a free text is for, where several wrote to its number of late.

It may hold what one clinic must not read of another. So the sender is asked, and until a number
comes back the text belongs to nobody. Unanswered it stays so, and operators see how many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core import clock, phones
from clinic.core.data.db import db, must_be_writing
from clinic.messaging.conversations import keep as conversations
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.words import catalogue
from clinic.organisations.models import Organisation
from clinic.patients.models import PatientOrganisation

LATELY = timedelta(days=60)
OPEN_FOR = timedelta(days=1)
MOST = 9  # answered by one digit


@dataclass(frozen=True, slots=True)
class Place:
    id: UUID
    name: str


def known_form(address: str) -> str:
    """Of the forms of one number the one that is on a record, or was texted; else how it is
    dialled. So texts of it find what was kept of it, by whatever network they come."""
    forms = phones.forms(address)
    if len(forms) == 1:
        return address
    kept = (User.phone, PatientOrganisation.phone, Message.address)
    for column in kept:
        found = set(db.session.scalars(sa.select(column).where(column.in_(forms)).distinct()))
        if found:
            return next(form for form in forms if form in found)
    return forms[0]


def last_to_text(address: str) -> UUID | None:
    """Whose front desk reads what is about no upcoming visit."""
    last = last_text_to(address)
    return last.organisation_id if last else None


def last_text_to(address: str) -> sa.Row | None:
    return db.session.execute(
        sa.select(
            *(Message.organisation_id, Message.language, Message.template, Message.created_at),
            Message.status,
        )
        .where(Message.address == address, Message.direction == "out")
        .order_by(Message.created_at.desc())
        .limit(1)
    ).one_or_none()


def that_wrote_to(address: str) -> list[Place]:
    """To patients of that number, the last one first."""
    last = sa.func.max(Message.created_at)
    rows = db.session.execute(
        sa.select(Organisation.id, Organisation.name)
        .join(Message, Message.organisation_id == Organisation.id)
        .where(
            Message.address == address,
            Message.direction == "out",
            Message.audience == "patient",
            Message.created_at > clock.now() - LATELY,
        )
        .group_by(Organisation.id, Organisation.name)
        .order_by(last.desc())
        .limit(MOST)
    )
    return [Place(row.id, row.name) for row in rows]


def named(address: str, sid: str, number: int | None) -> Place | None:
    """The one that stood at that number of the list, if the list is what was said last.

    What came in and was not answered says nothing: the list still stands on the screen above it.
    """
    if number is None:
        return None
    last = _last_said(address, sid)
    if last is None or not last.places or last.organisation_id or number > len(last.places):
        return None
    place = db.session.get_one(Organisation, UUID(last.places[number - 1]))
    return Place(place.id, place.name)


def talking_with(address: str, sid: str) -> Place | None:
    """Whose desk goes on with a conversation: it wrote last, or its sender named it last, and
    nobody has said anything to them since."""
    last = _last_said(address, sid)
    if last is None or last.organisation_id is None:
        return None
    if last.template != catalogue.DESK_REPLY and not last.places:
        return None
    place = db.session.get_one(Organisation, last.organisation_id)
    return Place(place.id, place.name)


def _last_said(address: str, sid: str) -> sa.Row | None:
    """To that number within a day, by whomever; this text itself is not it."""
    return db.session.execute(
        sa.select(Message.places, Message.organisation_id, Message.template)
        .where(
            Message.address == address,
            Message.provider_id.is_distinct_from(sid),
            Message.created_at >= clock.now() - OPEN_FOR,
            sa.or_(Message.direction == "out", Message.answer != ""),
        )
        .order_by(Message.created_at.desc(), Message.id)
        .limit(1)
    ).one_or_none()


def hand_over(address: str, place: Place) -> None:
    """What waited of this number comes before that desk."""
    must_be_writing()
    theirs = db.session.scalars(
        sa.update(Message)
        .where(
            Message.address == address,
            Message.places.is_not(None),
            Message.organisation_id.is_(None),
            Message.created_at > clock.now() - OPEN_FOR,
        )
        .values(organisation_id=place.id, needs_attention=True)
        .returning(Message.id)
    ).all()
    conversations.note(*theirs)
    messages.ring({place.id})
    messages.ring_counts({place.id})


def nobody_named() -> int:
    """Texts of the last week whose sender did not say, and can say no more."""
    moment = clock.now()
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                Message.places.is_not(None),
                Message.organisation_id.is_(None),
                Message.created_at.between(moment - timedelta(days=7), moment - OPEN_FOR),
            )
        )
        or 0
    )


def gauges() -> dict[str, float]:
    return {"messages_for_nobody": nobody_named()}


def ids(places: Sequence[Place]) -> list[str]:
    return [str(one.id) for one in places]
