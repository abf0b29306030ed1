"""Ask for a proof, and work off what is asked: a worker calls out, never a page."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import SEE_SYSTEM
from clinic.core import clock, running
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Forbidden, Unavailable
from clinic.core.work import queue
from clinic.events.service import record
from clinic.messaging.channels import account
from clinic.messaging.channels.account import CannotAsk
from clinic.messaging.errors import ChangedMeanwhile
from clinic.messaging.facts import SenderPointedHere
from clinic.messaging.proving.checks import Check, as_data
from clinic.messaging.proving.prove import prove
from clinic.messaging.readiness import queries
from clinic.messaging.readiness.models import MessagingProof

JOB = "clinic.messaging.jobs.prove"
LEASE = timedelta(minutes=2)  # longer than all checks take


@transactional
def ask(actor: Actor) -> None:
    """Have it proven anew; while that is being done, a second wish is the first one."""
    if not actor.may(SEE_SYSTEM):
        raise Forbidden
    if queries.is_under_way(actor.organisation_id):
        return
    db.session.add(
        MessagingProof(
            id=uuid4(),
            organisation_id=actor.organisation_id,
            asked_at=clock.now(),
            asked_by=actor.user_id,
        )
    )
    queue.kick(JOB)


def point_here(kind: str, sid: str, actor: Actor) -> None:
    """Have the provider bring here what people write, as the last proof offers. No transaction may
    be open here. Raises NotFound, Forbidden, ChangedMeanwhile, Unavailable."""
    if not actor.may(SEE_SYSTEM):
        raise Forbidden
    offer, settings = queries.offer(actor.organisation_id, kind, sid), running.settings()
    db.session.remove()
    try:
        now = account.pointed(settings, kind, sid)
        if now is None or now.url != offer.fix.before:
            raise ChangedMeanwhile
        account.point(settings, kind, sid, offer.fix.after)
    except CannotAsk as error:
        raise Unavailable(N_("The provider cannot be asked now. Try again later.")) from error
    _note_pointed(offer, actor)
    ask(actor)


@transactional
def _note_pointed(offer: queries.Offer, actor: Actor) -> None:
    whose, kind = actor.organisation_id, offer.fix.kind
    record(SenderPointedHere(organisation_id=whose, kind=kind, sender=offer.sender), actor)


def work_off() -> int:
    """Prove for who waits. Returns how many."""
    done = 0
    while (claimed := _claim()) is not None:
        _finish(claimed, prove(claimed.organisation_id))
        done += 1
    return done


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: UUID
    organisation_id: UUID | None


@transactional
def _claim() -> _Claimed | None:
    """One that no other worker is at."""
    moment = clock.now()
    begun = MessagingProof.begun_at
    row = db.session.scalar(
        sa.select(MessagingProof)
        .where(
            queries.is_waiting(moment),
            sa.or_(begun.is_(None), begun < moment - LEASE),
        )
        .order_by(MessagingProof.asked_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.begun_at = moment
    return _Claimed(row.id, row.organisation_id)


@transactional
def _finish(claimed: _Claimed, checks: list[Check]) -> None:
    """Older ones are of no use any more."""
    moment = clock.now()
    db.session.execute(
        sa.update(MessagingProof)
        .where(MessagingProof.id == claimed.id)
        .values(finished_at=moment, checks=as_data(checks))
    )
    db.session.execute(
        sa.delete(MessagingProof).where(
            MessagingProof.organisation_id.is_not_distinct_from(claimed.organisation_id),
            MessagingProof.id != claimed.id,
            sa.or_(
                MessagingProof.finished_at.is_not(None),
                MessagingProof.asked_at < moment - queries.GIVEN_UP_AFTER,
            ),
        )
    )
