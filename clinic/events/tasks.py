"""Background tasks: recorded when asked for, run by the worker, visible until the end."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog

from clinic.core import clock, running
from clinic.core.data.bulk import among, insert_unknown
from clinic.core.data.db import db, transactional
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


@dataclass(frozen=True, slots=True)
class Together:
    """A runner of all tasks of its kind that wait, in one transaction; a bad one is run alone."""

    run: Callable[[Sequence[UUID]], None]


def enqueue(kind: str, about_id: UUID, organisation_id: UUID | None) -> None:
    """Record one task of the kind about the row; a second call changes nothing."""
    enqueue_all(kind, {about_id: organisation_id})


def enqueue_all(kind: str, about: Mapping[UUID, UUID | None]) -> None:
    """The same for many rows, each with its organisation."""
    if not about:
        return
    moment = clock.now()
    rows = [
        {
            "id": uuid4(),
            "organisation_id": about[about_id],
            "kind": kind,
            "about_id": about_id,
            "status": TaskStatus.QUEUED,
            "attempts": 0,
            "created_at": moment,
            "due_at": moment,
        }
        for about_id in sorted(about)  # in one order, or two who insert the same ones deadlock
    ]
    insert_unknown(BackgroundTask, rows)
    queue.kick(RUN_JOB)


def run_due(limit: int = BATCH) -> int:
    """Run up to `limit` due tasks, those that may be run together so. Returns how many got on."""
    _give_up()
    due = db.session.execute(
        sa.select(BackgroundTask.id, BackgroundTask.kind, BackgroundTask.attempts)
        .where(_waiting(), BackgroundTask.due_at <= clock.now())
        .order_by(BackgroundTask.due_at)
        .limit(limit)
    ).all()
    db.session.rollback()
    return sum(_run(ids) for ids in _batches(due))


def _batches(due: Sequence[sa.Row]) -> Iterable[list[UUID]]:
    """In the order of their time. What was tried before is alone: it may end its worker."""
    runners = running.registered("tasks")
    batches: dict[object, list[UUID]] = defaultdict(list)
    for row in due:
        together = isinstance(runners.get(row.kind), Together) and not row.attempts
        batches[row.kind if together else row.id].append(row.id)
    return batches.values()


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


def _run(ids: list[UUID]) -> int:
    claimed = _claim(ids)
    return _work_off(claimed) if claimed else 0


@dataclass(frozen=True, slots=True)
class Claimed:
    id: UUID
    kind: str
    about_id: UUID


@transactional
def _claim(ids: list[UUID]) -> list[Claimed]:
    """Lease the tasks: a worker that dies in the middle gives them back when the lease ends."""
    moment = clock.now()
    due = (among(BackgroundTask.id, ids), _waiting(), BackgroundTask.due_at <= moment)
    # Locked first, without waiting: two workers that update many rows crosswise would deadlock.
    held = sa.select(BackgroundTask.id).where(*due).with_for_update(skip_locked=True)
    claim = (
        sa.update(BackgroundTask)
        .where(BackgroundTask.id.in_(held))
        .values(
            status=TaskStatus.RUNNING,
            attempts=BackgroundTask.attempts + 1,
            started_at=moment,
            due_at=moment + LEASE,
        )
        .returning(BackgroundTask.id, BackgroundTask.kind, BackgroundTask.about_id)
        .execution_options(synchronize_session=False)
    )
    found = {row.id: Claimed(*row) for row in db.session.execute(claim)}
    return [found[one] for one in ids if one in found]


def _work_off(tasks: list[Claimed]) -> int:
    """All of them or none, and then each half for itself: what is bad ends up alone."""
    try:
        _finish_after(tasks)
        return len(tasks)
    except Exception as error:  # one bad task must never stop the others
        if len(tasks) > 1:
            half = len(tasks) // 2
            return _work_off(tasks[:half]) + _work_off(tasks[half:])
        (bad,) = tasks
        log.warning("task_failed", task_id=str(bad.id), kind=bad.kind, exc_info=error)
        _note_failure(bad.id, error)
        return 0


@transactional
def _finish_after(tasks: list[Claimed]) -> None:
    has_more = _work(tasks[0].kind, [one.about_id for one in tasks])
    moment = clock.now()
    after: dict[str, object] = {"status": TaskStatus.SUCCEEDED, "finished_at": moment}
    if has_more:  # a share that was done is no failed attempt
        after = {"status": TaskStatus.QUEUED, "due_at": moment, "attempts": 0}
    db.session.execute(
        sa.update(BackgroundTask)
        .where(among(BackgroundTask.id, [one.id for one in tasks]))
        .values(**after, error_message=None)
        .execution_options(synchronize_session=False)
    )


def _work(kind: str, about_ids: list[UUID]) -> bool | None:
    runner: Runner | Together | None = running.registered("tasks").get(kind)
    if runner is None:
        raise TaskFailed(N_("nothing runs tasks of this kind"))
    if isinstance(runner, Together):
        runner.run(about_ids)
        return None
    (about_id,) = about_ids
    return runner(about_id)


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
