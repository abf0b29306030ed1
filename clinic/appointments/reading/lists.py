"""Visits for programs: filtered, in pages, with what belongs to each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import Condition, Visible, everything, same_organisation
from clinic.accounts.models import User
from clinic.appointments.life import scope
from clinic.appointments.models import Appointment
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading.visit import VISITS, Visit
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.events import queries as events
from clinic.events.models import BackgroundTask
from clinic.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Wanted:
    """All filters narrow; `since` is included, `until` is not."""

    statuses: frozenset[str] = frozenset()
    doctor_id: UUID | None = None
    patient_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_left: bool = False  # alone those that wait for a decision because their doctor left


@dataclass(frozen=True, slots=True)
class Listed:
    visit: Visit
    rescheduled_to_id: UUID | None


EVERYTHING = Wanted()


def _about_visits(actor: Actor) -> Condition:
    visits = sa.select(Appointment.id).where(scope.VISIBLE.to(actor))
    return BackgroundTask.about_id.in_(visits)


TASKS = Visible(
    "background task",
    {
        Role.PATIENT: _about_visits,
        Role.DOCTOR: _about_visits,
        Role.STAFF: same_organisation(BackgroundTask.organisation_id),
        Role.ADMIN: same_organisation(BackgroundTask.organisation_id),
        Role.SUPERADMIN: everything,
    },
)


def visits_of(actor: Actor, wanted: Wanted = EVERYTHING, paging: Paging | None = None) -> Page:
    """The latest first, of `Listed`; nobody finds more by a filter than their own.

    What moved is listed at its new time alone. Raises BadCursor.
    """
    query = VISITS.where(scope.VISIBLE.to(actor), scope.still_meant(), *_conditions(wanted, actor))
    page = page_of(
        query, Appointment.starts_at, Appointment.id, paging or Paging(), descending=True
    )
    return page.of(lambda rows: _listed(rows, actor))


def one(actor: Actor, appointment_id: UUID) -> Listed:
    """Raises NotFound for an absent visit and for somebody else's alike."""
    query = VISITS.where(scope.VISIBLE.to(actor), Appointment.id == appointment_id)
    found = _listed(db.session.execute(query), actor)
    if not found:
        raise NotFound
    return found[0]


def outcome(actor: Actor, appointment_id: UUID) -> Listed:
    """What a command of the actor gave back: a doctor may have moved the visit to a colleague."""
    query = VISITS.where(Appointment.id == appointment_id)
    return _listed(db.session.execute(query), actor)[0]


def successor(appointment_id: UUID, actor: Actor) -> Visit | None:
    """What took the place of a visit that moved, as it stands now; None for one that did not."""
    # By the patient: that is what there is an index for.
    whose = sa.select(Appointment.patient_id).where(Appointment.id == appointment_id)
    moves = sa.select(Appointment.rescheduled_from_id, Appointment.id).where(
        Appointment.patient_id == whose.scalar_subquery(),
        Appointment.rescheduled_from_id.is_not(None),
    )
    following = {row[0]: row[1] for row in db.session.execute(moves)}
    last = appointment_id
    while last in following:
        last = following[last]
    if last == appointment_id:
        return None
    query = VISITS.where(scope.VISIBLE.to(actor), Appointment.id == last)
    return next(iter(visits.read(query, actor)), None)


def tasks_about(actor: Actor, appointment_id: UUID) -> Sequence[BackgroundTask]:
    """Raises NotFound unless the actor may see the visit."""
    return events.tasks_about(scope.visible_to(actor, appointment_id).id)


def task(actor: Actor, task_id: UUID) -> BackgroundTask:
    """For who may see the visit it is about, and for the desk of its organisation.

    Raises NotFound.
    """
    found = events.task(task_id, TASKS.to(actor))
    if found is None:
        raise NotFound
    return found


def zone_of(actor: Actor) -> ZoneInfo:
    """Where the days and months of a filter begin: the person's own zone, or where they work."""
    name = db.session.scalar(
        sa.select(sa.func.coalesce(User.timezone, Organisation.timezone))
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .where(User.id == actor.user_id)
    )
    return clock.zone(name or "UTC")


def month_bounds(first: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants between which it is the month that begins on `first`."""
    following = (first + timedelta(days=31)).replace(day=1)
    return clock.day_bounds(first, zone)[0], clock.day_bounds(following, zone)[0]


def _conditions(wanted: Wanted, actor: Actor) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.statuses:
        found.append(Appointment.status.in_(sorted(wanted.statuses)))
    if wanted.doctor_id:
        found.append(Appointment.doctor_id == wanted.doctor_id)
    if wanted.patient_id:
        found.append(Appointment.patient_id == wanted.patient_id)
    if wanted.since:
        found.append(Appointment.starts_at >= wanted.since)
    if wanted.until:
        found.append(Appointment.starts_at < wanted.until)
    if wanted.is_left:
        found.append(scope.left_behind(actor))
    return found


def _listed(rows: Iterable[sa.Row[Any]], actor: Actor) -> list[Listed]:
    found = visits.of_rows(rows, actor)
    replaced_by = _replacements(found)
    return [Listed(visit, replaced_by.get(visit.id)) for visit in found]


def _replacements(found: Sequence[Visit]) -> dict[UUID, UUID]:
    moved = [visit for visit in found if visit.has_moved]
    if not moved:
        return {}
    rows = db.session.execute(
        sa.select(Appointment.rescheduled_from_id, Appointment.id).where(
            # By the patient, too: that is what there is an index for.
            Appointment.patient_id.in_({visit.patient_id for visit in moved}),
            Appointment.rescheduled_from_id.in_([visit.id for visit in moved]),
        )
    )
    return {row[0]: row[1] for row in rows if row[0]}
