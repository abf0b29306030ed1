"""Counts of deliveries and tasks that wait or failed, for metrics and operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.events.fact import DECLARED, Fact
from clinic.events.models import BackgroundTask, EventDelivery

MOST_SHOWN = 5


def types() -> list[tuple[str, type[Fact]]]:
    """Every kind of event that a room declares, by name."""
    return sorted(DECLARED.items())


def tasks_about(about_id: UUID) -> Sequence[BackgroundTask]:
    return db.session.scalars(
        sa.select(BackgroundTask)
        .where(BackgroundTask.about_id == about_id)
        .order_by(BackgroundTask.created_at)
    ).all()


def task(task_id: UUID, visible: sa.ColumnElement[bool]) -> BackgroundTask | None:
    """The task, if the caller's condition lets it be seen."""
    return db.session.scalar(sa.select(BackgroundTask).where(BackgroundTask.id == task_id, visible))


@dataclass(frozen=True, slots=True)
class SetAside:
    """Deliveries that people must look at: to whom, why, how many."""

    handler: str
    error: str
    count: int


def set_aside(limit: int = MOST_SHOWN) -> list[SetAside]:
    """The most frequent first."""
    count = sa.func.count()
    rows = db.session.execute(
        sa.select(EventDelivery.handler, EventDelivery.error, count)
        .where(EventDelivery.set_aside_at.is_not(None))
        .group_by(EventDelivery.handler, EventDelivery.error)
        .order_by(count.desc(), EventDelivery.handler, EventDelivery.error)
        .limit(limit)
    )
    return [SetAside(handler, error or "", many) for handler, error, many in rows]


def gauges() -> dict[str, float]:
    """Rows that wait, rows set aside, and the age in seconds of the oldest that waits."""
    waiting = EventDelivery.done_at.is_(None) & EventDelivery.set_aside_at.is_(None)
    count, oldest = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(EventDelivery.due_at)).where(waiting)
    ).one()
    aside = db.session.scalar(
        sa.select(sa.func.count()).where(EventDelivery.set_aside_at.is_not(None))
    )
    failed = db.session.scalar(sa.select(sa.func.count()).where(BackgroundTask.status == "failed"))
    queued = db.session.scalar(
        sa.select(sa.func.count()).where(BackgroundTask.status.in_(("queued", "running")))
    )
    age = max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
    return {
        "event_deliveries_waiting": count,
        "event_deliveries_oldest_seconds": age,
        "event_deliveries_set_aside": aside or 0,
        "background_tasks_waiting": queued or 0,
        "background_tasks_failed": failed or 0,
    }
