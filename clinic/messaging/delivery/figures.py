"""Counts of messages that wait or failed, for operators."""

import sqlalchemy as sa

from clinic.core import clock, running
from clinic.core.data.db import db
from clinic.messaging.channels import CHANNELS, USUAL
from clinic.messaging.models import Message
from clinic.messaging.statuses import Status


def gauges() -> dict[str, float]:
    """Due and waiting, its age in seconds, and what failed or is uncertain and unseen."""
    moment = clock.now()
    due = sa.and_(Message.status == Status.QUEUED, Message.due_at <= moment)
    count, oldest = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(Message.due_at)).where(due)
    ).one()
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
        "messages_due": count,
        "messages_oldest_due_seconds": (moment - oldest).total_seconds() if oldest else 0.0,
        "messages_failed_unseen": bad.get(Status.FAILED, 0),
        "messages_uncertain": uncertain or 0,
    }


def is_configured() -> dict[str, bool]:
    """Of `sms` and `email`, for which there is a provider."""
    settings = running.settings()
    return {name: CHANNELS[name].is_set_up(settings) for name in USUAL.values()}
