"""Visits as their patient sees them, and who may see which."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.life import lifecycle
from clinic.appointments.life.lifecycle import By
from clinic.appointments.life.scope import scope, still_meant
from clinic.appointments.models import MOVED, Appointment
from clinic.appointments.vocabulary import FINISHED, Status
from clinic.core import clock, saying
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.doctors.models import Doctor, DoctorSpecialisation
from clinic.doctors.words import titles
from clinic.organisations.models import Location, Organisation, OrganisationSettings

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """Everything a page says about one visit, as finished words."""

    id: UUID
    code: str
    status: str
    status_text: str
    weekday: str
    day: str
    month: str
    day_label: str
    time: str
    time_range: str
    zone_label: str
    starts_on: date
    starts_at: datetime
    ends_at: datetime
    rescheduled_from_id: UUID | None
    doctor_id: UUID
    doctor: str
    speciality: str
    where: str
    organisation: str
    organisation_phone: str | None
    reason: str
    channel: str
    minutes: int
    can_confirm: bool
    can_cancel: bool
    can_move: bool
    cancel_hint: str
    is_upcoming: bool
    is_reminded: bool  # booked early enough for the reminder three hours before


def visit(appointment_id: UUID, actor: Actor) -> Visit:
    """Raises NotFound unless the actor may see it."""
    rows = _read(_query(actor).where(Appointment.id == appointment_id), actor)
    if not rows:
        raise NotFound
    return rows[0]


def upcoming(actor: Actor) -> list[Visit]:
    """What is still to come or going on, soonest first."""
    query = _query(actor).where(
        Appointment.ends_at > clock.now(), Appointment.status.not_in(sorted(FINISHED))
    )
    return _read(query.order_by(Appointment.starts_at).limit(MOST_LISTED), actor)


def past(actor: Actor) -> list[Visit]:
    """What is over or was cancelled, newest first."""
    query = _query(actor).where(
        still_meant(),
        sa.or_(Appointment.ends_at <= clock.now(), Appointment.status.in_(sorted(FINISHED))),
    )
    return _read(query.order_by(Appointment.starts_at.desc()).limit(MOST_LISTED), actor)


def moves_before(visit: Visit) -> list[UUID]:
    """The visits it replaced one after another, newest first."""
    if visit.rescheduled_from_id is None:
        return []
    replaced = (
        sa.select(Appointment.id, Appointment.rescheduled_from_id, sa.literal(1).label("place"))
        .where(Appointment.id == visit.rescheduled_from_id)
        .cte("replaced", recursive=True)
    )
    older = sa.select(Appointment.id, Appointment.rescheduled_from_id, replaced.c.place + 1).where(
        Appointment.id == replaced.c.rescheduled_from_id
    )
    replaced = replaced.union_all(older)
    return list(db.session.scalars(sa.select(replaced.c.id).order_by(replaced.c.place)))


def _query(actor: Actor) -> sa.Select:
    return (
        sa.select(
            Appointment,
            Doctor.name.label("doctor"),
            Organisation.name.label("organisation"),
            Organisation.phone.label("phone"),
            Organisation.timezone,
            Location.name.label("location"),
            Location.address,
            OrganisationSettings.approval_required,
            OrganisationSettings.cancel_notice_minutes.label("notice"),
        )
        .join(Doctor, Doctor.id == Appointment.doctor_id)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .join(Location, Location.id == Appointment.location_id)
        .join(OrganisationSettings, OrganisationSettings.organisation_id == Organisation.id)
        .where(scope(actor))
    )


def _read(query: sa.Select, actor: Actor) -> list[Visit]:
    rows = db.session.execute(query).all()
    specialities = _specialities({row.Appointment.doctor_id for row in rows})
    return [_visit(row, specialities, By(actor.role)) for row in rows]


def _specialities(doctor_ids: set[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {key: [] for key in doctor_ids}
    if doctor_ids:
        rows = db.session.execute(
            sa.select(DoctorSpecialisation.doctor_id, DoctorSpecialisation.specialisation)
            .where(DoctorSpecialisation.doctor_id.in_(doctor_ids))
            .order_by(DoctorSpecialisation.specialisation)
        )
        for row in rows:
            found[row.doctor_id].append(row.specialisation)
    return found


def _visit(row: sa.Row, specialities: dict[UUID, list[str]], by: By) -> Visit:
    booked: Appointment = row.Appointment
    zone = clock.zone(row.timezone)
    local, status = booked.starts_at.astimezone(zone), Status(booked.status)
    in_time = lifecycle.can_cancel(booked.starts_at, clock.now(), row.notice)
    may_cancel = lifecycle.may(status, "cancel", by)
    return Visit(
        id=booked.id,
        code=booked.code,
        status=shown_status(status, row.approval_required),
        status_text=_status_text(booked, status, row.approval_required),
        weekday=f"{local:%a}",
        day=str(local.day),
        month=f"{local:%b}",
        day_label=saying.day(local.date(), clock.today(zone).year),
        time=f"{local:%H:%M}",
        time_range=f"{local:%H:%M} to {saying.time(booked.ends_at, zone)}",
        zone_label=saying.zone(booked.starts_at, zone),
        starts_on=local.date(),
        starts_at=booked.starts_at,
        ends_at=booked.ends_at,
        rescheduled_from_id=booked.rescheduled_from_id,
        doctor_id=booked.doctor_id,
        doctor=row.doctor,
        speciality=titles(specialities[booked.doctor_id]),
        where=", ".join(filter(None, (row.location, row.address))),
        organisation=row.organisation,
        organisation_phone=row.phone,
        reason=booked.reason,
        channel=booked.channel,
        minutes=int((booked.ends_at - booked.starts_at) / timedelta(minutes=1)),
        can_confirm=lifecycle.may(status, "confirm", by) and booked.starts_at > clock.now(),
        can_cancel=may_cancel and (in_time or by is not By.PATIENT),
        can_move=lifecycle.may(status, "reschedule", by) and (in_time or by is not By.PATIENT),
        cancel_hint="" if in_time or not may_cancel else _too_late(row.phone),
        is_upcoming=booked.ends_at > clock.now() and status not in FINISHED,
        is_reminded=booked.created_at <= booked.starts_at - timedelta(hours=3),
    )


def shown_status(status: Status, approval_required: bool) -> str:
    """Nobody need know of our queue: pending reads as booked unless people must approve."""
    if status is Status.PENDING and not approval_required:
        return str(Status.SCHEDULED)
    return str(status)


_TO_PATIENTS = {
    Status.SCHEDULED: "Please confirm",
    Status.CONFIRMED: "Confirmed",
    Status.CHECKED_IN: "Checked in",
    Status.IN_PROGRESS: "In progress",
    Status.COMPLETED: "Completed",
    Status.CANCELLED: "Cancelled",
    Status.NO_SHOW: "Missed",
}


def _status_text(booked: Appointment, status: Status, approval_required: bool) -> str:
    if booked.cancel_reason == MOVED:
        return "Moved"
    if status is Status.PENDING:
        return "Requested" if approval_required else "Booked"
    return _TO_PATIENTS[status]


def _too_late(phone: str | None) -> str:
    return (
        f"To cancel or move it now, please call {phone}."
        if phone
        else "To cancel or move it now, please call the clinic."
    )
