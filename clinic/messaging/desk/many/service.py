"""Send many messages again, each as it is asked for alone."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_
from clinic.messaging.desk import service
from clinic.messaging.errors import CannotResend
from clinic.messaging.models import Message

MOST = 500
AT_ONCE = 25  # in one transaction: nobody waits long for the rows of so many
LONGEST_TURN = 32  # characters
_GONE = N_("It is no longer here.")


@dataclass(frozen=True, slots=True)
class Refused:
    """`why` is for programs; the words, a msgid, say it to people."""

    message_id: UUID
    why: str
    words: str


@dataclass(slots=True)
class Done:
    """Which were queued, as which messages, and why others were not."""

    sent: dict[UUID, UUID] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)


def resend(message_ids: Collection[UUID], actor: Actor, turn: str) -> Done:
    """Each is asked again whether it is still true; one that is not keeps no other from going.

    What was sent in the same `turn` before is not sent a second time, and told as sent.
    """
    done = Done()
    for some in _in_turns(sorted(set(message_ids))[:MOST]):
        _resend_some(some, actor, turn[:LONGEST_TURN], done)
    return done


def _in_turns(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]


def _resend_some(ids: Sequence[UUID], actor: Actor, turn: str, done: Done) -> None:
    sent, refused = _settled(ids, actor, turn)
    done.sent |= sent
    done.refused += refused


@transactional
def _settled(
    ids: Sequence[UUID], actor: Actor, turn: str
) -> tuple[dict[UUID, UUID], list[Refused]]:
    olds = {old.id: old for old in service.held(ids, actor)}
    keys = {service.key_of(one, turn): one for one in olds}
    known = sa.select(Message.dedupe_key, Message.id).where(Message.dedupe_key.in_(keys))
    sent = {keys[row.dedupe_key]: row.id for row in db.session.execute(known)}
    refused = []
    for one in ids:
        if one in sent:
            continue
        if one not in olds:
            refused.append(Refused(one, "not_found", _GONE))
            continue
        try:
            sent[one] = service.again(olds[one], turn)
        except CannotResend as error:
            refused.append(Refused(one, error.errors[0].code, error.errors[0].words))
    return sent, refused
