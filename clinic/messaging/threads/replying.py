"""A reply of the desk, queued like every other message: with its caps and refusals."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Invalid
from clinic.core.fields import Said, Text, read
from clinic.messaging import window
from clinic.messaging.channels import CHANNELS
from clinic.messaging.conversations.models import DeskReply
from clinic.messaging.errors import CannotReply
from clinic.messaging.models import Conversation, Message
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.messaging.queueing.queries import stops_at
from clinic.messaging.senders import chosen
from clinic.messaging.statuses import Status
from clinic.messaging.threads import filling, meanwhile, service
from clinic.messaging.words import catalogue, rendering
from clinic.organisations.models import Organisation

LONGEST = 1600  # characters, with our name: what Twilio concatenates at most
WORDS = Said(Text(least=1), {"required": N_("Write a reply first.")})
STOPPED = {
    "opted_out": N_("They texted STOP, so nothing can be texted to this number. Call them."),
    "unreachable": N_("Texts do not reach this number. Call them, or write an email."),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the desk typed, and what may stand in its gaps.

    `channel` None answers by the one they wrote by last. `key` names this one try: the same words
    again send nothing. `seen` is the mark of what stood there while it was typed; None does not
    care what colleagues did meanwhile. `read_to` is when the last came that stood there.
    """

    text: str
    channel: str | None = None
    email: str | None = None  # of the patient, if a letter may go
    name: str | None = None
    visit_id: UUID | None = None
    key: str | None = None
    seen: str | None = None
    read_to: datetime | None = None


@transactional
def reply(conversation_id: UUID, new: Reply, actor: Actor) -> UUID:
    """Returns the message. Raises NotFound, Invalid, CannotReply with the reason, or Meanwhile."""
    found = service.held(conversation_id, actor)
    key = _key(found, new)
    if known := db.session.scalar(sa.select(Message.id).where(Message.dedupe_key == key)):
        return known
    meanwhile.refuse_if_overtaken(found, new.seen, actor)
    channel = new.channel or found.channel
    address = _address(found, channel, new.email)
    place = db.session.get_one(Organisation, found.organisation_id)
    message = NewMessage(
        organisation_id=place.id,
        channel=channel,
        address=address,
        template=catalogue.DESK_REPLY,
        values={"organisation": place.name, "phone": place.phone, "said": _said(new, place)},
        dedupe_key=key,
        is_known=True,  # they wrote to us
    )
    if queue_messages([message]).refused:
        words = N_("Too many messages went to this number in a short time. Call, or try later.")
        raise CannotReply("too_many", words)
    sent = _queued(key)
    db.session.add(DeskReply(message_id=sent, conversation_id=found.id, written_by=actor.user_id))
    found.last_id, found.last_at, found.closed_at = sent, clock.now(), None
    service.settle(found, new.read_to)
    return sent


def _queued(key: str) -> UUID:
    """Nobody may believe that it went, and look at the conversation no more, if it does not."""
    row = db.session.execute(
        sa.select(Message.id, Message.status, Message.error_code).where(Message.dedupe_key == key)
    ).one()
    if row.status == Status.SKIPPED:
        words = N_("This reply cannot go this way. Choose another, or call.")
        raise CannotReply(row.error_code, words)
    return row.id


def _key(found: Conversation, new: Reply) -> str:
    """Who goes back, and sends other words from the same form, means another reply."""
    said = hashlib.sha256(f"{new.channel}:{new.text}".encode("utf-8", "replace")).hexdigest()[:32]
    return f"reply:{found.id}:{new.key or uuid4()}:{said}"


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
    if channel == window.CHANNEL and not window.is_open(address, clock.now()):
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


def room(name: str) -> int:
    """For the words of a reply, beside the name it begins with."""
    return LONGEST - units(name) - 2


def units(text: str) -> int:
    """As telephones and browsers count: most emoji are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _said(new: Reply, place: Organisation) -> rendering.Placeholder:
    text = read("text", WORDS, new.text)
    known = values(new, place)
    for gap in filling.missing(text, known):
        words = N_("Nothing is known for {%(gap)s}. Write it in words, or leave it out.")
        raise Invalid.of("text", words, "nothing_known", gap=gap)
    said = filling.filled(text, known)
    most = room(place.name)
    if units(rendering.with_secrets(said)) > most:
        raise Invalid.of("text", N_("Use at most %(most)s characters."), "too_long", most=most)
    return said
