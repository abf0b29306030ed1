"""Due reminders become messages: in batches, each once, in the words of the visit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.models import User
from clinic.appointments.models import Appointment
from clinic.appointments.reading import calendar
from clinic.appointments.reading.visit import VISITS, Visit, of_row
from clinic.core import clock, saying
from clinic.core.data.db import db, transactional
from clinic.doctors.models import Doctor
from clinic.messaging.channels import CHANNELS, USUAL
from clinic.messaging.models import OptOut
from clinic.messaging.queueing import messages as messaging
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.words.rendering import When, placeholder
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders import planning
from clinic.reminders.models import Reminder

BATCH = 200
_DoctorUser = aliased(User)

# What a visit must still be for its message to be true.
_ACCEPTED = ("scheduled", "confirmed")
_TRUE_WHILE = {
    planning.BOOKED: ("pending", *_ACCEPTED),  # the background task accepts it in a moment
    planning.REQUESTED: ("pending", *_ACCEPTED),
    planning.RESCHEDULED: ("pending", *_ACCEPTED),
    planning.CANCELLED: ("cancelled",),
    planning.NOT_ACCEPTED: ("cancelled",),
    planning.MISSED: ("no_show",),
    planning.DOCTOR_CANCELLED: ("cancelled",),
    planning.DOCTOR_MISSED: ("no_show",),
    planning.DOCTOR_RESCHEDULED: ("cancelled",),
}


@transactional
def queue_due(limit: int = BATCH) -> int:
    """Turn up to `limit` due reminders into messages. Returns how many were looked at."""
    moment = clock.now()
    due = (
        sa.select(Reminder.id)
        .where(Reminder.status == "planned", Reminder.due_at <= moment)
        .order_by(Reminder.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = db.session.scalars(due).all()
    if not ids:
        return 0
    rows = db.session.execute(_with_visit().where(Reminder.id.in_(ids))).all()
    wanted = [row for row in rows if _is_true(row)]
    messaging.queue_messages([_message(row) for row in wanted])
    told = [row.Reminder.id for row in wanted]
    _settle(told, "queued")
    _settle([one for one in ids if one not in set(told)], "skipped")
    return len(ids)


def _settle(ids: Sequence[Any], status: str) -> None:
    if ids:
        db.session.execute(sa.update(Reminder).where(Reminder.id.in_(ids)).values(status=status))


def _with_visit() -> sa.Select:
    phone = sa.func.coalesce(User.phone, PatientOrganisation.phone)
    return (
        VISITS.add_columns(
            Reminder,
            phone.label("phone"),
            sa.exists()
            .where(OptOut.address == phone, OptOut.kind == "unreachable")
            .label("is_unreachable"),
            sa.func.coalesce(User.email, PatientOrganisation.email).label("email"),
            PatientOrganisation.language,
            sa.func.coalesce(PatientOrganisation.is_active, sa.true()).label("is_cared_for"),
            Patient.died_on,
            _DoctorUser.phone.label("doctor_phone"),
            _DoctorUser.language.label("doctor_language"),
        )
        .join(Reminder, Reminder.appointment_id == Appointment.id)
        .join(_DoctorUser, _DoctorUser.id == Doctor.user_id)
        .outerjoin(User, User.id == Patient.user_id)
        .outerjoin(
            PatientOrganisation,
            sa.and_(
                PatientOrganisation.patient_id == Appointment.patient_id,
                PatientOrganisation.organisation_id == Appointment.organisation_id,
            ),
        )
        .order_by(Reminder.due_at)
    )


def _is_true(row: sa.Row) -> bool:
    """Does the visit still stand as the words will say, and is there somebody to tell?"""
    if row.Reminder.rule in planning.TO_DOCTORS:
        is_heard = bool(row.doctor_phone)
    else:
        is_heard = row.is_cared_for and row.died_on is None
    return is_heard and row.status in _TRUE_WHILE.get(row.Reminder.rule, _ACCEPTED)


def _message(row: sa.Row) -> NewMessage:
    reminder: Reminder = row.Reminder
    visit = of_row(row, THE_SYSTEM)
    to_doctor = reminder.rule in planning.TO_DOCTORS
    phone, email = (row.doctor_phone, None) if to_doctor else _addresses(row)
    channel, address = _reach(reminder.channel, phone, email)
    language = (row.doctor_language if to_doctor else row.language) or "en"
    return NewMessage(
        organisation_id=visit.organisation_id,
        channel=channel,
        address=address,
        template=planning.template_of(reminder.rule),
        values=_values(visit),
        language=language,
        about_id=visit.id,
        due_at=reminder.due_at,
        expires_at=planning.expires(reminder.rule, visit.starts_at, reminder.due_at),
        dedupe_key=f"reminder:{reminder.id}",
        calendar=_calendar(visit, language) if _carries_calendar(reminder.rule, channel) else None,
    )


def _carries_calendar(rule: str, channel: str) -> bool:
    return rule in (planning.BOOKED, planning.RESCHEDULED) and CHANNELS[channel].carries_calendar


def _calendar(visit: Visit, language: str) -> str:
    with saying.in_language(language):
        return calendar.file_of(visit).decode()


def _addresses(row: sa.Row) -> tuple[str | None, str | None]:
    """The patient's number and mail; a number that nothing reaches does not count beside mail."""
    return None if row.is_unreachable and row.email else row.phone, row.email


def _reach(channel: str, phone: str | None, email: str | None) -> tuple[str, str]:
    """The wanted channel if there is an address for it, else the other one."""
    kind = CHANNELS[channel].address
    there = phone if kind == "phone" else email
    if there:
        return channel, there
    return (USUAL["email"], email or "") if kind == "phone" else (USUAL["phone"], phone or "")


def _values(visit: Visit) -> dict[str, object]:
    return {
        "organisation": visit.organisation,
        "phone": visit.organisation_phone or "",
        "doctor": visit.doctor,
        "place": visit.place,
        "when": When(visit.starts_at, visit.zone),
        "code": visit.code,
        "link": placeholder("link:visit", visit.id),
    }


def oldest_due() -> datetime | None:
    return db.session.scalar(
        sa.select(sa.func.min(Reminder.due_at)).where(Reminder.status == "planned")
    )
