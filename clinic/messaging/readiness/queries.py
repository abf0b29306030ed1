"""The last proof, and how each channel stands by the ledger."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock, running
from clinic.core.data.db import db, is_there
from clinic.core.errors import NotFound
from clinic.messaging import channels
from clinic.messaging.channels import CHANNELS
from clinic.messaging.models import Attempt, Message
from clinic.messaging.proving.checks import Check, Fix, State, of_data, worst
from clinic.messaging.proving.prove import senders_of
from clinic.messaging.readiness.models import MessagingProof
from clinic.messaging.senders import held
from clinic.messaging.senders.held import Standing
from clinic.messaging.statuses import Status

GIVEN_UP_AFTER = timedelta(minutes=10)
A_DAY = timedelta(days=1)
MOST_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """The last that was finished, and whether one is under way."""

    finished_at: datetime | None = None
    checks: Sequence[Check] = ()
    is_running: bool = False

    @property
    def state(self) -> State:
        return worst(self.checks)

    def of(self, channel: str) -> list[Check]:
        return [one for one in self.checks if one.channel == channel]


@dataclass(frozen=True, slots=True)
class Way:
    """How a channel stands. Counts are of what was handed over in the last day, or met an error."""

    channel: str
    is_set_up: bool
    can_send: bool
    senders: list[str]
    held: list[Standing]
    waiting: int = 0
    oldest_s: float = 0.0
    tried: int = 0
    delivered: int = 0
    errors: list[tuple[str, int]] = field(default_factory=list)

    @property
    def share(self) -> int | None:
        """Of those tried, how many are known to have arrived, in percent."""
        return round(100 * self.delivered / self.tried) if self.tried else None


def is_waiting(moment: datetime) -> sa.ColumnElement[bool]:
    """Asked for, not done, and not so long ago that nobody is there to do it."""
    return sa.and_(
        MessagingProof.finished_at.is_(None), MessagingProof.asked_at > moment - GIVEN_UP_AFTER
    )


def is_under_way(organisation_id: UUID | None) -> bool:
    return is_there(is_waiting(clock.now()), _is_of(organisation_id))


def _is_of(organisation_id: UUID | None) -> sa.ColumnElement[bool]:
    return MessagingProof.organisation_id.is_not_distinct_from(organisation_id)


def proof(organisation_id: UUID | None) -> Proof:
    row = db.session.scalar(
        sa.select(MessagingProof)
        .where(_is_of(organisation_id), MessagingProof.finished_at.is_not(None))
        .order_by(MessagingProof.asked_at.desc())
        .limit(1)
    )
    is_running = is_under_way(organisation_id)
    if row is None:
        return Proof(is_running=is_running)
    return Proof(row.finished_at, tuple(of_data(row.checks or ())), is_running)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the last proof offers to set, and of which sender."""

    sender: str
    fix: Fix


def offer(organisation_id: UUID | None, kind: str, sid: str) -> Offer:
    """Raises NotFound."""
    for one in proof(organisation_id).checks:
        if one.fix and (one.fix.kind, one.fix.sid) == (kind, sid):
            return Offer(one.about, one.fix)
    raise NotFound


def ways(organisation_id: UUID | None) -> list[Way]:
    """Each channel: of an organisation what is its own, else of all."""
    settings, able = running.settings(), channels.that_can_send()
    waiting, handed_over, standing = (
        _waiting(organisation_id),
        _handed_over(organisation_id),
        held.standing(),
    )
    found = []
    for name, one in CHANNELS.items():
        senders = senders_of(name, organisation_id)
        keys = {one.account, *(f"{name}:{sender}" for sender in senders)}
        statuses, errors = handed_over[name]
        found.append(
            Way(
                name,
                one.is_set_up(settings),
                bool(senders) and (name in able or one.is_whole(settings)),
                senders,
                [stands for stands in standing if stands.sender in keys and senders],
                *waiting.get(name, (0, 0.0)),
                tried=statuses.total(),
                delivered=statuses[Status.DELIVERED],
                errors=errors.most_common(MOST_ERRORS),
            )
        )
    return found


def _waiting(organisation_id: UUID | None) -> dict[str, tuple[int, float]]:
    """How many are due, and since when the oldest, in seconds."""
    moment = clock.now()
    rows = db.session.execute(
        sa.select(Message.channel, sa.func.count(), sa.func.min(Message.due_at))
        .where(
            Message.status == Status.QUEUED,
            Message.due_at <= moment,
            *_theirs(organisation_id),
        )
        .group_by(Message.channel)
    )
    return {name: (many, (moment - oldest).total_seconds()) for name, many, oldest in rows}


def _theirs(organisation_id: UUID | None) -> list[sa.ColumnElement[bool]]:
    return [Message.organisation_id == organisation_id] if organisation_id else []


def _handed_over(
    organisation_id: UUID | None,
) -> defaultdict[str, tuple[Counter[str], Counter[str]]]:
    """By channel: the statuses, and the errors, of what was last tried within a day."""
    rows = db.session.execute(
        sa.select(Message.channel, Message.status, Message.error_code, sa.func.count())
        .join(
            Attempt, sa.and_(Attempt.message_id == Message.id, Attempt.number == Message.attempts)
        )
        .where(Attempt.started_at > clock.now() - A_DAY, *_theirs(organisation_id))
        .group_by(Message.channel, Message.status, Message.error_code)
    )
    found: defaultdict[str, tuple[Counter[str], Counter[str]]] = defaultdict(
        lambda: (Counter(), Counter())
    )
    for name, status, code, many in rows:
        statuses, errors = found[name]
        statuses[status] += many
        if code:
            errors[code] += many
    return found
