"""A reply of the desk, queued like every other message: with its caps and refusals."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Invalid
from clinic.messaging.channels import CHANNELS
from clinic.messaging.errors import CannotReply
from clinic.messaging.models import Conversation, Message
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.messaging.queueing.queries import stops_at
from clinic.messaging.senders import chosen
from clinic.messaging.threads import filling, queries, service
from clinic.messaging.words import rendering
from clinic.organisations.models import Organisation

LONGEST = 1600  # characters, with our name: what Twilio concatenates at most
STOPPED = {
    "opted_out": N_("They texted STOP, so nothing can be texted to this number. Call them."),
    "unreachable": N_("Texts do not reach this number. Call them, or write an email."),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the desk typed, and what may stand in its gaps.

    `channel` None answers by the one they wrote by last. `key` names this one try: the same again
    sends nothing.
    """

    text: str
    channel: str | None = None
    email: str | None = None  # of the patient, if a letter may go
    name: str | None = None
    visit_id: UUID | None = None
    key: str | None = None


@transactional
def reply(conversation_id: UUID, new: Reply, actor: Actor) -> UUID:
    """Returns the message. Raises NotFound, Invalid, or CannotReply with the reason."""
    found = service.held(conversation_id, actor)
    key = f"reply:{found.id}:{new.key or uuid4()}"[:160]
    if known := db.session.scalar(sa.select(Message.id).where(Message.dedupe_key == key)):
        return known
    channel = new.channel or found.channel
    address = _address(found, channel, new.email)
    place = db.session.get_one(Organisation, found.organisation_id)
    message = NewMessage(
        organisation_id=place.id,
        channel=channel,
        address=address,
        template=queries.REPLY,
        values={"organisation": place.name, "phone": place.phone, "said": _said(new, place)},
        dedupe_key=key,
        is_known=True,  # they wrote to us
    )
    if queue_messages([message]).refused:
        words = N_("Too many messages went to this number in a short time. Call, or try later.")
        raise CannotReply("too_many", words)
    sent = db.session.scalars(sa.select(Message.id).where(Message.dedupe_key == key)).one()
    found.last_id, found.last_at, found.closed_at = sent, clock.now(), None
    service.settle(found)
    return sent


def _address(found: Conversation, channel: str, email: str | None) -> str:
    """Where it goes, if it can."""
    if why := hindrance(found.organisation_id, found.address, channel, email):
        raise why
    return email if email and CHANNELS[channel].address == "email" else found.address


def hindrance(
    organisation_id: UUID, address: str, channel: str, email: str | None
) -> CannotReply | None:
    """Why nothing can be written back this way now."""
    if channel not in chosen.ways(organisation_id):
        return CannotReply("cannot_send", N_("Nothing can be sent this way now. Choose another."))
    if CHANNELS[channel].address == "email":
        words = N_("No email address is known. Choose another way.")
        return None if email else CannotReply("no_email", words)
    if not CHANNELS[channel].reaches(address):
        return CannotReply("no_number", N_("This sender takes no answers: it is no number."))
    for stop in stops_at(address, organisation_id):
        if channel not in stop.channels:
            continue
        return CannotReply(stop.kind, STOPPED[stop.kind])
    if channel == "whatsapp" and not queries.is_window_open(organisation_id, address):
        words = N_(
            "WhatsApp takes a reply for 24 hours after they wrote. Reply by SMS or email instead."
        )
        return CannotReply("window_closed", words)
    return None


def values(new: Reply, place: Organisation) -> dict[str, str]:
    """What may stand in the gaps."""
    link = rendering.placeholder("link:visit", new.visit_id) if new.visit_id else ""
    return {
        "name": new.name or "",
        "clinic": place.name,
        "phone": place.phone or "",
        "link": link,
    }


def _said(new: Reply, place: Organisation) -> rendering.Placeholder:
    if not new.text.strip():
        raise Invalid.of("text", N_("Write a reply first."), "required")
    known = values(new, place)
    for gap in filling.missing(new.text, known):
        words = N_("Nothing is known for {%(gap)s}. Write it in words, or leave it out.")
        raise Invalid.of("text", words, "nothing_known", gap=gap)
    said = filling.filled(new.text.strip(), known)
    most = LONGEST - len(place.name) - 2
    if len(rendering.with_secrets(said)) > most:
        raise Invalid.of("text", N_("Use at most %(most)s characters."), "too_long", most=most)
    return said
