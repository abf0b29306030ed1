"""Counts of messages that wait, are being sent, or failed, for operators."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from clinic.core import clock, running
from clinic.core.data.db import db, lease_clock
from clinic.messaging import channels
from clinic.messaging.models import Attempt, Message
from clinic.messaging.queueing import counting
from clinic.messaging.senders import held
from clinic.messaging.statuses import Status

LAST = timedelta(minutes=1)


def gauges() -> dict[str, float]:
    """What waits, what is being sent, what failed or is uncertain and unseen, and what the caps
    count."""
    moment = clock.now()
    return _waiting(moment) | _engine(moment) | _seen_to() | _capped() | _held()


def _waiting(moment: datetime) -> dict[str, float]:
    """Due and waiting, and its age in seconds."""
    due = sa.and_(Message.status == Status.QUEUED, Message.due_at <= moment)
    count, oldest = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(Message.due_at)).where(due)
    ).one()
    age = (moment - oldest).total_seconds() if oldest else 0.0
    return {"messages_due": count, "messages_oldest_due_seconds": age}


def _engine(moment: datetime) -> dict[str, float]:
    """What all workers together do, as their rows tell; and what each of them may do."""
    calls = sa.and_(Message.status == Status.SENDING, Message.lease_until > lease_clock())
    last = db.session.scalar(sa.select(sa.func.max(Attempt.started_at)))
    begun = sa.select(sa.func.count()).where(Attempt.started_at > moment - LAST)
    found: dict[str, float] = {
        "messages_in_flight": db.session.scalar(sa.select(sa.func.count()).where(calls)) or 0,
        "messages_begun_last_minute": db.session.scalar(begun) or 0,
        "messages_batch": running.settings().message_batch,
        "messages_threads": running.settings().message_threads,
    }
    if last:
        found["messages_last_begun_seconds"] = (moment - last).total_seconds()
    return found


def _seen_to() -> dict[str, float]:
    bad = dict(
        db.session.execute(
            sa.select(Message.status, sa.func.count())
            .where(Message.needs_attention)
            .group_by(Message.status)
        ).all()
    )
    uncertain = db.session.scalar(
        sa.select(sa.func.count()).where(Message.status == Status.UNCERTAIN)
    )
    return {
        "messages_failed_unseen": bad.get(Status.FAILED, 0),
        "messages_uncertain": uncertain or 0,
    }


def _capped() -> dict[str, float]:
    return {
        "messages_unproven_last_hour": counting.to_strangers_of_late(),
        "messages_held_back_last_hour": counting.refused_of_late(),
    }


def _held() -> dict[str, float]:
    return {"senders_held": len(held.standing())}


def is_configured() -> dict[str, bool]:
    """Of `sms` and `email`, for which there is a provider and all that it asks for."""
    able = channels.that_can_send()
    return {name: name in able and channels.calls_out(name) for name in channels.USUAL.values()}
