"""Due reminders become messages: in batches, each once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from clinic.appointments.models import Appointment
from clinic.appointments.reading.visit import VISITS
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db, transactional
from clinic.messaging.queueing import messages as messaging
from clinic.messaging.queueing.messages import NewMessage
from clinic.reminders.models import Reminder
from clinic.reminders.own import occurrence
from clinic.reminders.telling import visit

log = structlog.get_logger()


BATCH = 500


TRY_AGAIN_AFTER = timedelta(minutes=5)


def queue_due(limit: int = BATCH) -> int:
    """Turn up to `limit` due reminders into messages. Returns how many were looked at."""
    due = db.session.execute(
        sa.select(Reminder.id, Reminder.appointment_id)
        .where(*_is_due())
        .order_by(Reminder.due_at)
        .limit(limit)
    ).all()
    db.session.rollback()
    of_visits = [row.id for row in due if row.appointment_id]
    done = _queue(of_visits) if of_visits else 0
    return done + occurrence.tell_each(row.id for row in due if not row.appointment_id)


def _is_due() -> tuple[sa.ColumnElement[bool], ...]:
    return Reminder.status == "planned", Reminder.due_at <= clock.now()


def _queue(ids: list[UUID]) -> int:
    """All of them or none, and then each half for itself: a bad one ends up alone, and waits."""
    try:
        return _claim_and_queue(ids)
    except Exception as error:  # one bad plan must never stop the others
        if len(ids) > 1:
            half = len(ids) // 2
            return _queue(ids[:half]) + _queue(ids[half:])
        log.error("reminder_failed", reminder_id=str(ids[0]), exc_info=error)
        _postpone(ids[0])
        return 1


def queue_now(reminder_id: UUID) -> bool:
    """Turn one of a visit into a message before its time, in the caller's transaction. False where
    there was nothing to say."""
    _change([reminder_id], due_at=clock.now())
    return _claim_and_queue([reminder_id]) > 0


@transactional
def _claim_and_queue(ids: list[UUID]) -> int:
    due = sa.select(Reminder.id).where(among(Reminder.id, ids), *_is_due())
    held = db.session.scalars(due.with_for_update(skip_locked=True)).all()
    if not held:
        return 0
    plans = _PLANS.where(among(Reminder.id, held))
    rows = db.session.execute(plans, {"now": clock.now()}).all()
    wanted = [row for row in rows if visit.is_true(row)]
    news = _without_echoes([(row, visit.message_of(row)) for row in wanted])
    queued = messaging.queue_messages([message for _, message in news])
    refused = {one.dedupe_key for one in queued.refused}
    told = {row.plan_id for row, message in news if message.dedupe_key not in refused}
    _settle(told, "queued")
    _settle(set(held) - told, "skipped")
    return len(held)


def _without_echoes(news: list[tuple[sa.Row, NewMessage]]) -> list[tuple[sa.Row, NewMessage]]:
    """What goes another way than planned is left out where that way says the same by itself."""
    moved = {row.id for row, message in news if message.channel != row.plan_channel}
    if not moved:
        return news
    planned = sa.select(Reminder.appointment_id, Reminder.rule, Reminder.channel)
    others = {
        tuple(one)
        for one in db.session.execute(planned.where(among(Reminder.appointment_id, moved)))
    }
    return [
        (row, message)
        for row, message in news
        if message.channel == row.plan_channel or (row.id, row.rule, message.channel) not in others
    ]


def _settle(ids: Collection[UUID], status: str) -> None:
    if ids:
        _change(ids, status=status)


@transactional
def _postpone(reminder_id: UUID) -> None:
    """It is tried again and again until it is no longer true."""
    _change([reminder_id], due_at=clock.now() + TRY_AGAIN_AFTER)


def _change(ids: Collection[UUID], **values: object) -> None:
    changed = sa.update(Reminder).where(among(Reminder.id, ids), Reminder.status == "planned")
    db.session.execute(changed.values(**values), execution_options={"synchronize_session": False})


_PLANS: sa.Select[Any] = visit.told(
    VISITS.add_columns(
        Reminder.id.label("plan_id"),
        Reminder.rule,
        Reminder.channel.label("plan_channel"),
        Reminder.due_at.label("plan_due_at"),
    ).join(Reminder, Reminder.appointment_id == Appointment.id)
).order_by(Reminder.due_at)


def gauges() -> dict[str, float]:
    """Reminders that are due and were not queued, and the age in seconds of the oldest."""
    moment = clock.now()
    overdue = sa.and_(Reminder.status == "planned", Reminder.due_at <= moment)
    count, oldest = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(Reminder.due_at)).where(overdue)
    ).one()
    age = (moment - oldest).total_seconds() if oldest else 0.0
    return {"reminders_overdue": count, "reminders_oldest_overdue_seconds": age}
