"""From what a message goes: the organisation's own sender, else what the settings name.

Read again after a second, by each process: no message costs a statement for it.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db, is_sqlite, transactional
from clinic.messaging.channels import CHANNELS, can_send
from clinic.messaging.models import SenderIdentity

GOOD_FOR_S = 1.0


@dataclass(frozen=True, slots=True)
class Own:
    """An organisation's verified default sender of a channel."""

    value: str
    kind: str
    rate: float
    can_reply: bool


Ours = Mapping[tuple[UUID, str], Own]  # by organisation and channel


class Senders:
    """Those of one app."""

    def __init__(self) -> None:
        self._known: Ours = {}
        self._until = 0.0  # of the monotonic clock
        self._lock = threading.Lock()

    def all(self) -> Ours:
        with self._lock:
            if time.monotonic() >= self._until:
                self._known, self._until = _read(), time.monotonic() + GOOD_FOR_S
            return self._known

    def has(self, address: str) -> bool:
        return any(own.value == address for own in self.all().values())

    def forget(self) -> None:
        """Whoever has changed one sees it at once; other processes a second later."""
        with self._lock:
            self._until = 0.0


@transactional
def _read() -> Ours:
    rows = db.session.execute(
        sa.select(
            SenderIdentity.organisation_id,
            SenderIdentity.channel,
            *(getattr(SenderIdentity, name) for name in ("value", "kind", "rate", "can_reply")),
        ).where(
            SenderIdentity.is_default,
            SenderIdentity.is_active,
            SenderIdentity.verified_at.is_not(None),
        )
    )
    return {(row.organisation_id, row.channel): Own(*row[2:]) for row in rows}


def senders() -> Senders:
    return running.registered("senders")


def own_of(organisation_id: UUID | None, channel: str) -> Own | None:
    return senders().all().get((organisation_id, channel)) if organisation_id else None


def with_own(channel: str) -> list[UUID]:
    """The organisations whose messages do not go from what all share."""
    return [place for place, by in senders().all() if by == channel]


def sender_of(organisation_id: UUID | None, channel: str, audience: str) -> str:
    """Our address; empty if there is none."""
    own = own_of(organisation_id, channel)
    return own.value if own else CHANNELS[channel].sender(running.settings(), audience)


def ways(organisation_id: UUID | None, audience: str = "patient") -> tuple[str, ...]:
    """The channels by which something of this organisation would leave now."""
    return tuple(
        name
        for name in CHANNELS
        if can_send(name, audience, own_of(organisation_id, name) is not None)
    )


def ways_of_any() -> tuple[str, ...]:
    """The channels by which something of any organisation would leave now: where it is not known
    whose patient asks. What cannot leave here goes another way."""
    own = {channel for _, channel in senders().all()}
    return tuple(name for name in CHANNELS if can_send(name, "patient", name in own))


def rates() -> dict[str, float]:
    """How many a second, by those senders whose kind is known."""
    return {own.value: own.rate for own in senders().all().values()}


def can_reply(organisation_id: UUID | None, channel: str, audience: str) -> bool:
    """Whether an answer comes back to us: a name in place of a number takes none."""
    if CHANNELS[channel].is_letter:
        return True
    own = own_of(organisation_id, channel)
    if own:
        return own.can_reply
    sender = CHANNELS[channel].sender(running.settings(), audience)
    return not any(letter.isalpha() for letter in sender) or is_service(sender)


def is_service(sender: str) -> bool:
    return sender.startswith("MG") and len(sender) == len("MG") + 32


# --- what messages are counted by: a kind is all that goes out by one sender


def kind_of(channel: str, audience: str, organisation_id: UUID | None = None) -> str:
    """`sms:patient`, or of an organisation with a sender of its own `sms:<its id>`."""
    if organisation_id and (organisation_id, channel) in senders().all():
        return own_kind(organisation_id, channel)
    return f"{channel}:{audience}"


def own_kind(organisation_id: UUID, channel: str) -> str:
    """As the database writes the id."""
    return f"{channel}:{organisation_id.hex if is_sqlite() else organisation_id}"


def own_kinds() -> dict[str, tuple[str, str]]:
    """The channel and the sender of each organisation that has its own."""
    return {
        own_kind(organisation_id, channel): (channel, own.value)
        for (organisation_id, channel), own in senders().all().items()
    }
