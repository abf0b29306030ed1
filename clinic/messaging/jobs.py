"""What the worker runs for this room: the only place where messages leave."""

import time
from collections import defaultdict
from datetime import timedelta

import sqlalchemy as sa
import structlog

from clinic.core import clock, running
from clinic.core.data.db import db, transactional
from clinic.core.work import crash
from clinic.messaging import channels
from clinic.messaging.channels.call import Claim, Content, Outcome
from clinic.messaging.delivery import buckets, callbacks, ledger
from clinic.messaging.models import Attempt, Message
from clinic.messaging.queueing import messages
from clinic.messaging.statuses import Status
from clinic.messaging.words import rendering

log = structlog.get_logger()

PAUSE_S = 0.2  # when a sender's bucket is empty
ASKED_FOR = timedelta(days=1)  # what the provider did not know until then, it will never know
LONGEST_RUN_S = 50  # a job ends before RQ would end it; the next tick goes on


def deliver_due() -> int:
    """Claim due messages 25 at a time and send each once. Returns how many a provider took."""
    taken, until = 0, time.monotonic() + LONGEST_RUN_S
    ledger.mark_uncertain()
    while time.monotonic() < until:
        claims = ledger.claim_due()
        if not claims:
            break
        crash.point("after_claim")
        taken += sum(_send_safely(claim) for claim in _within_rate(claims))
    return taken


def _within_rate(claims: list[Claim]) -> list[Claim]:
    """Keep what the senders' buckets allow now and give the rest back."""
    by_sender: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_sender[channels.sender_of(running.settings(), claim)].append(claim)
    allowed: list[Claim] = []
    back: list[Claim] = []
    for sender, wanted in by_sender.items():
        granted = buckets.take(sender, len(wanted))
        allowed += wanted[:granted]
        back += wanted[granted:]
    if back:
        ledger.give_back(back)
        time.sleep(PAUSE_S)
    return allowed


def _send_safely(claim: Claim) -> bool:
    """One bad row never stops the others: it stays `sending`, and becomes uncertain."""
    try:
        return _send(claim)
    except Exception as error:
        db.session.remove()
        log.error("message_not_sent", message_id=str(claim.id), exc_info=error)
        return False


def _send(claim: Claim) -> bool:
    if not _begin(claim):  # cancelled, refused, stale, or the lease is nearly over
        return False
    crash.point("after_begin")
    content = _content(claim)
    db.session.remove()
    # No transaction is open here: a provider that hangs must not hold a connection.
    outcome = channels.send(claim, content)
    crash.point("after_send")
    _settle(claim, outcome)
    return outcome.kind in ("sent", "delivered")


@transactional
def _begin(claim: Claim) -> bool:
    begun = ledger.begin_sending(claim)
    if not begun:
        messages.ring({claim.organisation_id})  # what is skipped here shows at once
    return begun


def _content(claim: Claim) -> Content:
    text = rendering.with_secrets(claim.body)
    if not channels.CHANNELS[claim.channel].is_letter:
        return Content(text)
    return Content(text, claim.subject or "", rendering.html_of(text, claim.language))


@transactional
def _settle(claim: Claim, outcome: Outcome) -> None:
    if ledger.settle(claim, outcome) is Status.FAILED:
        callbacks.note_failure(claim.id, claim.address, claim.organisation_id, outcome.error_code)
    messages.ring({claim.organisation_id})


def resolve_uncertain() -> int:
    """Ask the provider about texts whose outcome nobody saw. Returns how many it knew."""
    ledger.mark_uncertain()
    rows = db.session.execute(
        sa.select(Message.id, Message.channel, Message.address, Message.body, Attempt.started_at)
        .join(
            Attempt, sa.and_(Attempt.message_id == Message.id, Attempt.number == Message.attempts)
        )
        .where(
            Message.status == Status.UNCERTAIN,
            Message.channel.in_(channels.SEARCHABLE),
            Attempt.started_at > clock.now() - ASKED_FOR,
        )
        .order_by(sa.func.random())  # those it never knew must not keep others from being asked
        .limit(50)
    ).all()
    db.session.rollback()
    known, until = 0, time.monotonic() + LONGEST_RUN_S
    for row in rows:
        if time.monotonic() > until:
            break
        body = rendering.with_secrets(row.body)
        db.session.remove()
        found = channels.find(row.channel, row.address, body, row.started_at)
        # Of several with the same words, the first that is no other message of ours.
        known += any(ledger.resolve(row.id, one) for one in found)
    return known
