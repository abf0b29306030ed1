"""Background tasks: recorded when asked for, run by the worker, visible until the end."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog

from clinic.core import clock, running
from clinic.core.data.db import db, insert_new, must_be_writing, transactional
from clinic.core.errors import N_
from clinic.core.work import queue
from clinic.events.models import MOST_ATTEMPTS, BackgroundTask

log = structlog.get_logger()

RUN_JOB = "clinic.events.jobs.run_tasks"
LEASE = timedelta(seconds=60)
BATCH = 100


class TaskStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class TaskFailed(Exception):
    """The task can never succeed; the message, a msgid, is kept for people to read."""


Runner = Callable[[UUID], bool | None]  # True: it did its share, and there is more to do


def enqueue(kind: str, about_id: UUID, organisation_id: UUID | None) -> None:
    """Record one task of the kind about the row; a second call changes nothing."""
    must_be_writing()
    moment = clock.now()
    statement = insert_new(BackgroundTask).values(
        id=uuid4(),
        organisation_id=organisation_id,
        kind=kind,
        about_id=about_id,
        status=TaskStatus.QUEUED,
        attempts=0,
        created_at=moment,
        due_at=moment,
    )
    db.session.execute(statement)
    queue.kick(RUN_JOB)


def run_due(limit: int = BATCH) -> int:
    """Run up to `limit` due tasks, each in its own transaction. Returns how many got on."""
    _give_up()
    due = db.session.scalars(
        sa.select(BackgroundTask.id)
        .where(_waiting(), BackgroundTask.due_at <= clock.now())
        .order_by(BackgroundTask.due_at)
        .limit(limit)
    ).all()
    db.session.rollback()
    return sum(_run(task_id) for task_id in due)


@transactional
def _give_up() -> None:
    """Tasks whose worker died at each attempt: the next one would kill the next worker."""
    moment = clock.now()
    db.session.execute(
        sa.update(BackgroundTask)
        .where(
            BackgroundTask.status == TaskStatus.RUNNING,
            BackgroundTask.attempts >= MOST_ATTEMPTS,
            BackgroundTask.due_at <= moment,
        )
        .values(
            status=TaskStatus.FAILED,
            finished_at=moment,
            error_message=N_("the worker stopped at each attempt"),
        )
    )


def _waiting() -> sa.ColumnElement[bool]:
    return BackgroundTask.status.in_((TaskStatus.QUEUED, TaskStatus.RUNNING))


def _run(task_id: UUID) -> bool:
    task = _claim(task_id)
    if task is None:
        return False
    kind, about_id = task
    try:
        _finish_after(task_id, kind, about_id)
    except Exception as error:  # one bad task must never stop the others
        log.warning("task_failed", task_id=str(task_id), kind=kind, exc_info=error)
        _note_failure(task_id, error)
        return False
    return True


@transactional
def _claim(task_id: UUID) -> tuple[str, UUID] | None:
    """Lease the task: a worker that dies in the middle gives it back when the lease ends."""
    moment = clock.now()
    claim = (
        sa.update(BackgroundTask)
        .where(BackgroundTask.id == task_id, _waiting(), BackgroundTask.due_at <= moment)
        .values(
            status=TaskStatus.RUNNING,
            attempts=BackgroundTask.attempts + 1,
            started_at=moment,
            due_at=moment + LEASE,
        )
        .returning(BackgroundTask.kind, BackgroundTask.about_id)
    )
    row = db.session.execute(claim).one_or_none()
    return (row.kind, row.about_id) if row else None


@transactional
def _finish_after(task_id: UUID, kind: str, about_id: UUID) -> None:
    runner: Runner | None = running.registered("tasks").get(kind)
    if runner is None:
        raise TaskFailed(N_("nothing runs tasks of this kind"))
    has_more = runner(about_id)
    moment = clock.now()
    after: dict[str, object] = {"status": TaskStatus.SUCCEEDED, "finished_at": moment}
    if has_more:  # a share that was done is no failed attempt
        after = {"status": TaskStatus.QUEUED, "due_at": moment, "attempts": 0}
    db.session.execute(
        sa.update(BackgroundTask)
        .where(BackgroundTask.id == task_id)
        .values(**after, error_message=None)
    )


@transactional
def _note_failure(task_id: UUID, error: Exception) -> None:
    task = db.session.get(BackgroundTask, task_id)
    if task is None:
        return
    hopeless = isinstance(error, TaskFailed)
    task.error_message = str(error)[:300] if hopeless else type(error).__name__
    if hopeless or task.attempts >= MOST_ATTEMPTS:
        task.status, task.finished_at = TaskStatus.FAILED, clock.now()
        return
    task.status = TaskStatus.QUEUED
    task.due_at = clock.now() + timedelta(seconds=5 * 4 ** (task.attempts - 1))
