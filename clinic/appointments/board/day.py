"""The day of a doctor or of a whole front desk, as finished rows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.appointments.life import lifecycle, scope
from clinic.appointments.life.lifecycle import By
from clinic.appointments.models import Appointment
from clinic.appointments.reading import visit as visits
from clinic.appointments.vocabulary import FINISHED, Status
from clinic.core import clock, saying
from clinic.core.data.db import db
from clinic.doctors.models import Doctor
from clinic.organisations.models import Organisation, OrganisationSettings
from clinic.patients.models import Patient

WORDS = {  # what a board's button says
    "accept": "Accept",
    "check_in": "Check in",
    "start": "Start",
    "complete": "Complete",
    "confirm": "Confirm",
    "no_show": "No-show",
    "undo_check_in": "Undo check-in",
    "undo_no_show": "Undo no-show",
    "reschedule": "Move",
    "cancel": "Cancel",
}
ASIDE = ("undo", "reschedule", "cancel")  # never the one thing to do next


@dataclass(frozen=True, slots=True)
class Action:
    step: str  # as in lifecycle.STEPS; the URL says check-in for check_in
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    time: str
    starts_at: str  # ISO 8601
    name: str
    doctor: str  # "" on a doctor's own board
    note: str
    status: str
    status_text: str
    primary: Action | None
    more: tuple[Action, ...]
    is_current: bool
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Stat:
    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Board:
    day: date
    title: str  # "Friday 20 November"
    is_today: bool
    previous: date
    following: date
    now_label: str
    now_index: int | None  # the "now" line stands before this row; None on other days
    rows: tuple[Row, ...]
    stats: tuple[Stat, ...]
    topic: str  # "doctor/<id>" or "organisation/<id>": the stream to watch
    zone_label: str


def board(actor: Actor, day: date | None = None, doctor_id: UUID | None = None) -> Board:
    """The actor's own day, or for the front desk that of all doctors or one. Raises nothing."""
    zone, approval = _rules(actor)
    today = clock.today(zone)
    day = day or today
    rows = _read(actor, day, zone, doctor_id)
    lines = tuple(_row(row, zone, actor, approval) for row in rows)
    is_today = day == today
    return Board(
        day=day,
        title=f"{day:%A} {day.day} {day:%B}" + ("" if day.year == today.year else f" {day.year}"),
        is_today=is_today,
        previous=day - timedelta(days=1),
        following=day + timedelta(days=1),
        now_label=saying.time(clock.now(), zone),
        now_index=sum(row.Appointment.starts_at <= clock.now() for row in rows)
        if is_today
        else None,
        rows=lines,
        stats=_stats([row.Appointment for row in rows]),
        topic=_topic(actor, doctor_id),
        zone_label=saying.zone(clock.day_bounds(day, zone)[0] + timedelta(hours=12), zone),
    )


def _rules(actor: Actor) -> tuple[ZoneInfo, bool]:
    found = db.session.execute(
        sa.select(Organisation.timezone, OrganisationSettings.approval_required)
        .join(OrganisationSettings, OrganisationSettings.organisation_id == Organisation.id)
        .where(Organisation.id == actor.organisation_id)
    ).one()
    return clock.zone(found.timezone), found.approval_required


def _query(actor: Actor) -> sa.Select:
    return (
        sa.select(Appointment, Patient.full_name, Doctor.name.label("doctor"))
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Doctor, Doctor.id == Appointment.doctor_id)
        .where(scope.scope(actor))
    )


def _read(actor: Actor, day: date, zone: ZoneInfo, doctor_id: UUID | None) -> list[sa.Row]:
    since, until = clock.day_bounds(day, zone)
    query = _query(actor).where(
        Appointment.starts_at >= since, Appointment.starts_at < until, scope.still_meant()
    )
    if doctor_id:
        query = query.where(Appointment.doctor_id == doctor_id)
    order = (Appointment.starts_at, Doctor.sort_name, Appointment.seat, Appointment.id)
    return list(db.session.execute(query.order_by(*order)))


def _row(row: sa.Row, zone: ZoneInfo, actor: Actor, approval: bool) -> Row:
    booked: Appointment = row.Appointment
    status, by = Status(booked.status), By(actor.role)
    actions = tuple(
        Action(step, WORDS[step])
        for step in lifecycle.open_steps(status, by)
        if _is_sensible(step, booked, zone, approval)
    )
    primary = actions[0] if actions and not actions[0].step.startswith(ASIDE) else None
    return Row(
        id=booked.id,
        time=saying.time(booked.starts_at, zone),
        starts_at=booked.starts_at.isoformat(),
        name=row.full_name,
        doctor="" if by is By.DOCTOR else row.doctor,
        note=_note(booked, zone, by),
        status=visits.shown_status(status, approval),
        status_text=_status_text(status, approval),
        primary=primary,
        more=actions[1:] if primary else actions,
        is_current=status is Status.IN_PROGRESS,
        is_finished=status in FINISHED,
    )


def _is_sensible(step: str, booked: Appointment, zone: ZoneInfo, approval: bool) -> bool:
    """Leave out buttons that the command would refuse or that have no use today."""
    now = clock.now()
    if step == "accept":
        return approval
    if step == "no_show":
        return now >= booked.starts_at
    if step == "undo_no_show":
        return lifecycle.is_undoable_no_show(booked.starts_at, now, zone)
    if step in ("check_in", "start"):
        return now.astimezone(zone).date() == booked.starts_at.astimezone(zone).date()
    return True


def _status_text(status: Status, approval: bool) -> str:
    """Another word than the badge's own, or ""."""
    if status is Status.PENDING:
        return "Requested" if approval else "Booked"
    return ""


def _note(booked: Appointment, zone: ZoneInfo, by: By) -> str:
    """The reason is for the care team; the front desk sees logistics only."""
    parts = [booked.reason] if by is By.DOCTOR else []
    if booked.status == Status.CHECKED_IN and booked.checked_in_at:
        parts.append(f"Waiting since {saying.time(booked.checked_in_at, zone)}")
    if booked.status == Status.IN_PROGRESS and booked.started_at:
        parts.append(f"Started {saying.time(booked.started_at, zone)}")
    if booked.status == Status.CANCELLED and booked.cancel_reason:
        parts.append(f"Cancelled {booked.cancel_reason.replace('_', ' ')}")
    parts.append(booked.code)
    return ". ".join(parts)


def _stats(day: list[Appointment]) -> tuple[Stat, ...]:
    def count(*statuses: Status) -> int:
        return sum(booked.status in statuses for booked in day)

    kept = len(day) - count(Status.CANCELLED)
    to_come = count(Status.PENDING, Status.SCHEDULED, Status.CONFIRMED)
    return (
        Stat("Visits", str(kept), f"{count(Status.CANCELLED)} cancelled"),
        Stat("Waiting", str(count(Status.CHECKED_IN)), _longest_wait(day)),
        Stat("Seen", str(count(Status.COMPLETED)), f"{count(Status.IN_PROGRESS)} in progress"),
        Stat("To come", str(to_come), f"{to_come - count(Status.CONFIRMED)} not confirmed"),
        Stat("No-shows", str(count(Status.NO_SHOW)), f"of {kept}"),
    )


def _longest_wait(day: list[Appointment]) -> str:
    since = [
        booked.checked_in_at
        for booked in day
        if booked.status == Status.CHECKED_IN and booked.checked_in_at
    ]
    return f"longest {_minutes_since(min(since))} min" if since else "nobody waits"


def _minutes_since(moment: datetime) -> int:
    return max(0, int((clock.now() - moment).total_seconds() // 60))


def _topic(actor: Actor, doctor_id: UUID | None) -> str:
    if actor.role == Role.DOCTOR:
        return f"doctor/{actor.doctor_id}"
    return f"doctor/{doctor_id}" if doctor_id else f"organisation/{actor.organisation_id}"


def may_watch_doctor(actor: Actor, key: str) -> bool:
    """The doctor's own board, or the front desk of the same organisation."""
    if actor.role == Role.DOCTOR:
        return str(actor.doctor_id) == key
    if actor.role not in (Role.STAFF, Role.ADMIN):
        return False
    owner = db.session.scalar(sa.select(Doctor.organisation_id).where(Doctor.id == UUID(key)))
    return owner is not None and owner == actor.organisation_id


def may_watch_organisation(actor: Actor, key: str) -> bool:
    return actor.role in (Role.STAFF, Role.ADMIN) and str(actor.organisation_id) == key
