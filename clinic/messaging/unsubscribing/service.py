"""Whoever holds the link of a letter stops what may be stopped to its address, and starts it."""

from dataclasses import dataclass

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core import running
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, NotFound
from clinic.events.service import record
from clinic.messaging.channels import LETTERS
from clinic.messaging.facts import AddressOptedIn, AddressOptedOut
from clinic.messaging.models import Message
from clinic.messaging.queueing import queries, refusals
from clinic.messaging.words import unsubscribing
from clinic.messaging.words.catalogue import REFUSABLE
from clinic.organisations.models import Organisation

BY_LINK = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who writes to whom, and whether they still may."""

    organisation: str
    address: str
    is_stopped: bool


def subscription(token: str) -> Subscription:
    """Raises NotFound."""
    letter = _letter(token)
    stops = queries.stops_at(letter.address, letter.organisation_id)
    return Subscription(
        letter.name or running.settings().site_name,
        letter.address,
        any(stop.kind == refusals.OPTED_OUT for stop in stops),
    )


def _letter(token: str) -> sa.Row:
    """Raises NotFound."""
    row = db.session.execute(
        sa.select(Message.id, Message.address, Message.organisation_id, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Message.organisation_id)
        .where(
            Message.id == unsubscribing.letter_of(token),
            Message.direction == "out",
            Message.channel.in_(LETTERS),
            Message.template.in_(sorted(REFUSABLE)),
        )
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This link is not valid. Open the one in the email."))
    return row


@transactional
def stop(token: str) -> None:
    """Twice is once. Raises NotFound."""
    letter = _letter(token)
    place = letter.organisation_id
    if refusals.remember_refusal(letter.address, refusals.OPTED_OUT, BY_LINK, LETTERS, place):
        said = {"organisation_id": letter.organisation_id, "message_id": letter.id}
        record(AddressOptedOut(**said), THE_SYSTEM)


@transactional
def start(token: str) -> None:
    """Raises NotFound."""
    letter = _letter(token)
    place = letter.organisation_id
    if refusals.end_refusal(letter.address, (refusals.OPTED_OUT,), how="link", place=place):
        said = {"organisation_id": letter.organisation_id, "message_id": letter.id}
        record(AddressOptedIn(**said), THE_SYSTEM)
