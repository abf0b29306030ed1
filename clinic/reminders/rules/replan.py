"""Rules changed: what is planned for visits to come follows, so many visits in a transaction."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db, transactional
from clinic.events import tasks
from clinic.reminders.models import Replanning
from clinic.reminders.visits import anew

REPLAN_TASK = "replan_reminders"
BATCH = 200  # visits that nobody else can change meanwhile


@transactional
def start(organisation_id: UUID) -> None:
    """By the rules as this transaction leaves them."""
    replanning = Replanning(organisation_id=organisation_id, created_at=clock.now())
    db.session.add(replanning)
    db.session.flush()
    tasks.enqueue(REPLAN_TASK, replanning.id, organisation_id)


@transactional
def work_off(replanning_id: UUID) -> bool:
    """The task's share: one batch. Returns whether there is more."""
    found = db.session.get(Replanning, replanning_id, with_for_update=True, populate_existing=True)
    if found is None or found.finished_at:
        return False
    if _is_outdated(found):
        found.finished_at = clock.now()
        return False
    batch = _next(found)
    # Who changes a visit just now goes first: it comes with the next share, as it is then.
    held = set(db.session.scalars(_free([row.id for row in batch])))
    done = _up_to_the_first_left(batch, held)
    _note(found, anew.plan([row.id for row in done]))
    if done:
        found.after_at, found.after_id = done[-1].starts_at, done[-1].id
    if not batch:
        found.finished_at = clock.now()
    db.session.flush()
    return bool(batch)


def _is_outdated(found: Replanning) -> bool:
    """A later change plans them all by itself."""
    later = sa.select(Replanning.id).where(
        Replanning.organisation_id == found.organisation_id,
        Replanning.created_at > found.created_at,
    )
    return db.session.execute(later.limit(1)).first() is not None


def _next(found: Replanning) -> list[sa.Row[Any]]:
    query = sa.select(Appointment.id, Appointment.starts_at).where(
        Appointment.organisation_id == found.organisation_id,
        Appointment.starts_at > clock.now(),
        Appointment.status.in_(sorted(UPCOMING)),
    )
    if found.after_at is not None:
        place = sa.tuple_(Appointment.starts_at, Appointment.id)
        query = query.where(place > sa.tuple_(found.after_at, found.after_id))
    in_order = query.order_by(Appointment.starts_at, Appointment.id)
    return [*db.session.execute(in_order.limit(BATCH))]


def _free(ids: list[UUID]) -> sa.Select[UUID]:
    rows = sa.select(Appointment.id).where(
        among(Appointment.id, ids), Appointment.status.in_(sorted(UPCOMING))
    )
    return rows.with_for_update(read=True, skip_locked=True)


def _up_to_the_first_left(batch: list[sa.Row[Any]], held: set[UUID]) -> list[sa.Row[Any]]:
    for place, row in enumerate(batch):
        if row.id not in held:
            return batch[:place]
    return batch


def _note(found: Replanning, changes: anew.Changes) -> None:
    found.planned += changes.planned
    found.moved += changes.moved
    found.withdrawn += changes.withdrawn
