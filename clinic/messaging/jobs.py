"""What the worker runs for this room: the only place where messages leave."""

import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from clinic.core import clock, running
from clinic.core.data.db import db
from clinic.core.errors import Unavailable
from clinic.core.work import queue
from clinic.messaging import answers, channels
from clinic.messaging.answers import Holds
from clinic.messaging.channels.call import Outcome
from clinic.messaging.delivery import ledger, sending, settling
from clinic.messaging.delivery.calling import ask_at_once
from clinic.messaging.models import Attempt, HeldSender, Message
from clinic.messaging.queueing import refusals
from clinic.messaging.queueing.messages import DELIVER_JOB
from clinic.messaging.readiness import service as proofs
from clinic.messaging.senders import held
from clinic.messaging.statuses import Status
from clinic.messaging.templates import filled, service
from clinic.messaging.words import rendering

log = structlog.get_logger()

ASKED_FOR = timedelta(days=1)  # what the provider did not know until then, it will never know
MOST_ASKED = 500  # in one run
LONGEST_RUN_S = 50  # a job ends before RQ would end it; the next tick goes on


def deliver_due() -> int:
    """Send what is due, each message once. Returns how many a provider took."""
    ledger.mark_uncertain()
    return sending.send_due(LONGEST_RUN_S)


def try_held() -> int:
    """See whether the faults that hold our senders are mended. Returns how many are."""
    held.skip_stale(held.kinds())
    freed = sum(_is_freed(one) for one in held.due())
    if freed:
        queue.kick(DELIVER_JOB)
    return freed


def _is_freed(one: HeldSender) -> bool:
    """By a call about the account; or by a message that goes out, one at a time."""
    sender, since, by_report = one.sender, one.since, one.by_report
    is_account = answers.holds(one.error_code) is Holds.ACCOUNT
    db.session.remove()
    if is_account:
        return channels.probe(sender) and held.free(sender, since)
    is_taken = sending.send_one(list(held.kinds_of([sender])))
    return is_taken and not by_report and held.free(sender, since)


def prove() -> int:
    """Find out whether all that messages need works, for who asks. Returns how many asked."""
    return proofs.work_off()


def tidy() -> int:
    """Try numbers again that nothing reached a month ago. Returns how many there were."""
    return refusals.end_old()


def check_templates() -> int:
    """Read what WhatsApp says of templates. Returns how many have changed."""
    try:
        return service.check()
    except Unavailable as error:
        log.warning("templates_not_checked", error=str(error))
        return 0


def resolve_uncertain() -> int:
    """Ask the provider about texts whose outcome nobody saw. Returns how many it knew."""
    ledger.mark_uncertain()
    rows = db.session.execute(
        sa.select(
            *(getattr(Message, name) for name in ("id", "channel", "address", "body", "template")),
            *(getattr(Message, name) for name in ("organisation_id", "language", "variables")),
            Attempt.started_at,
        )
        .join(
            Attempt, sa.and_(Attempt.message_id == Message.id, Attempt.number == Message.attempts)
        )
        .where(
            Message.status == Status.UNCERTAIN,
            Message.channel.in_(channels.SEARCHABLE),
            Attempt.started_at > clock.now() - ASKED_FOR,
        )
        .order_by(sa.func.random())  # those it never knew must not keep others from being asked
        .limit(MOST_ASKED)
    ).all()
    db.session.rollback()
    known, until = 0, time.monotonic() + LONGEST_RUN_S
    threads = running.settings().message_threads
    for first in range(0, len(rows), threads):
        if time.monotonic() > until:
            break
        known += settling.resolve(_asked(rows[first : first + threads]))
    return known


def _asked(rows: Sequence[sa.Row]) -> list[tuple[UUID, list[Outcome]]]:
    """What the provider knows with the words of each of these messages; all are asked at once."""
    questions = [(row.channel, row.address, _words_of(row), row.started_at) for row in rows]
    db.session.remove()  # nothing is held while we wait for answers
    answers = ask_at_once(lambda question: channels.find(*question), questions, len(questions))
    return [(row.id, found) for row, found in zip(rows, answers, strict=True)]


def _words_of(row: sa.Row) -> list[str]:
    """In its own words, or as the template that it may have gone as."""
    as_template = filled.words_of(row) if row.variables else None
    return [rendering.with_secrets(row.body), *([as_template] if as_template else ())]
