"""The day of a doctor or of a whole front desk, as facts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.board.waiting import NOT_CONFIRMED, Waiting, is_request, waiting
from clinic.appointments.life import lifecycle, scope
from clinic.appointments.models import LONGEST_VISIT, Appointment
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading.visit import VISITS, Visit
from clinic.appointments.vocabulary import UPCOMING, Status
from clinic.core import clock
from clinic.core.data.db import db
from clinic.doctors.models import Doctor
from clinic.organisations.models import Organisation
from clinic.patients.people import queries as patients

MOST_REQUESTS = 100
REQUESTS = "requests"  # of all days, the oldest first
FILTERS: dict[str, frozenset[Status]] = {
    "waiting": frozenset({Status.CHECKED_IN}),
    "not_confirmed": frozenset(NOT_CONFIRMED),
    "done": frozenset({Status.COMPLETED}),
    "missed": frozenset({Status.NO_SHOW}),
}


TO_BE_CALLED = ("not_confirmed", REQUESTS)


@dataclass(frozen=True, slots=True)
class Line:
    visit: Visit
    steps: tuple[str, ...]  # what can be done now, as in lifecycle.STEPS
    phone: str | None = None  # where somebody is to be called


@dataclass(frozen=True, slots=True)
class Figures:
    """Each visit of the day counts once."""

    kept: int
    cancelled: int
    waiting: int
    longest_wait: int | None  # minutes; None where nobody waits
    seen: int
    in_progress: int
    to_come: int
    not_confirmed: int
    missed: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    zone: ZoneInfo
    lines: tuple[Line, ...]
    figures: Figures
    topic: str  # "doctor/<id>" or "organisation/<id>": the stream to watch
    names_doctors: bool  # a doctor's own board need not
    show: str  # a name of FILTERS, REQUESTS or "" for all
    waiting: Waiting

    @property
    def today(self) -> date:
        return clock.today(self.zone)

    @property
    def begun(self) -> int | None:
        """How many of today's visits have begun; None on other days."""
        if self.day != self.today or self.show == REQUESTS:
            return None
        now = clock.now()
        return sum(line.visit.starts_at <= now for line in self.lines)


def day_of(
    actor: Actor, day: date | None = None, doctor_id: UUID | None = None, show: str = ""
) -> Day:
    """The actor's own day, or for the front desk that of all doctors or one. Raises nothing.

    `show` leaves the figures as they are and lists those visits alone.
    """
    zone, now = zone_of(actor), clock.now()
    day = day or clock.today(zone)
    found = visits.read(_visits_on(day, zone, actor, doctor_id), actor)
    shown = [one for one in found if not show or one.status in FILTERS.get(show, ())]
    if show == REQUESTS:
        shown = visits.read(_requests(actor, doctor_id), actor)
    phones = _phones(shown, actor) if show in TO_BE_CALLED else {}
    return Day(
        day=day,
        zone=zone,
        lines=tuple(
            Line(visit, _steps(visit, now), phones.get(visit.patient_id)) for visit in shown
        ),
        figures=_figures(found),
        topic=_topic(actor, doctor_id),
        names_doctors=not actor.is_doctor,
        show=show,
        waiting=waiting(actor, zone),
    )


def doctors_at(organisation_id: UUID | None) -> list[tuple[UUID, str]]:
    """Ids and names by name: who works there, and who left but is still waited for."""
    to_come = sa.exists().where(
        Appointment.doctor_id == Doctor.id,
        Appointment.starts_at > clock.now() - LONGEST_VISIT,
        Appointment.status.in_(sorted(UPCOMING)),
    )
    rows = db.session.execute(
        sa.select(Doctor.id, Doctor.name)
        .where(Doctor.organisation_id == organisation_id, sa.or_(Doctor.is_active, to_come))
        .order_by(Doctor.sort_name)
    )
    return [(row.id, row.name) for row in rows]


def zone_of(actor: Actor) -> ZoneInfo:
    """Of the organisation where they work."""
    query = sa.select(Organisation.timezone).where(Organisation.id == actor.organisation_id)
    return clock.zone(db.session.execute(query).scalar_one())


def _visits_on(day: date, zone: ZoneInfo, actor: Actor, doctor_id: UUID | None) -> sa.Select:
    since, until = clock.day_bounds(day, zone)
    query = VISITS.where(
        scope.VISIBLE.to(actor),
        Appointment.starts_at >= since,
        Appointment.starts_at < until,
        scope.still_meant(),
    )
    if doctor_id:
        query = query.where(Appointment.doctor_id == doctor_id)
    return query.order_by(Appointment.starts_at, Doctor.sort_name, Appointment.seat, Appointment.id)


def _requests(actor: Actor, doctor_id: UUID | None) -> sa.Select:
    query = VISITS.where(is_request(actor))
    if doctor_id:
        query = query.where(Appointment.doctor_id == doctor_id)
    return query.order_by(Appointment.created_at, Appointment.id).limit(MOST_REQUESTS)


def _phones(shown: list[Visit], actor: Actor) -> dict[UUID, str]:
    people = {visit.patient_id for visit in shown}
    return patients.phones_of(people, actor.organisation_id) if people else {}


def _steps(visit: Visit, now: datetime) -> tuple[str, ...]:
    return tuple(
        step
        for step in lifecycle.open_steps(visit.status, visit.by)
        if _is_sensible(step, visit, now)
    )


def _is_sensible(step: str, visit: Visit, now: datetime) -> bool:
    """Leave out buttons that the command would refuse or that have no use today."""
    if step == "confirm":
        return visit.doctor_works
    if step == "accept":
        return visit.approval_required
    if step == "no_show":
        return now >= visit.starts_at
    if step == "undo_no_show":
        return lifecycle.is_undoable_no_show(visit.starts_at, now, visit.zone)
    if step == "undo_complete":
        return lifecycle.is_undoable_completion(visit.finished_at, now)
    if step in ("check_in", "start", "complete"):
        return lifecycle.has_come(visit.starts_at, now, visit.zone)
    return True


def _figures(day: list[Visit]) -> Figures:
    def count(*statuses: Status) -> int:
        return sum(visit.status in statuses for visit in day)

    to_come = count(Status.PENDING, Status.SCHEDULED, Status.CONFIRMED)
    return Figures(
        kept=len(day) - count(Status.CANCELLED),
        cancelled=count(Status.CANCELLED),
        waiting=count(Status.CHECKED_IN),
        longest_wait=_longest_wait(day),
        seen=count(Status.COMPLETED),
        in_progress=count(Status.IN_PROGRESS),
        to_come=to_come,
        not_confirmed=to_come - count(Status.CONFIRMED),
        missed=count(Status.NO_SHOW),
    )


def _longest_wait(day: list[Visit]) -> int | None:
    since = [
        visit.checked_in_at
        for visit in day
        if visit.status is Status.CHECKED_IN and visit.checked_in_at
    ]
    if not since:
        return None
    return max(0, (clock.now() - min(since)) // timedelta(minutes=1))


def _topic(actor: Actor, doctor_id: UUID | None) -> str:
    if actor.is_doctor:
        return f"doctor/{actor.doctor_id}"
    return f"doctor/{doctor_id}" if doctor_id else f"organisation/{actor.organisation_id}"
