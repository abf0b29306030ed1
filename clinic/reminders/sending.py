"""Due reminders become messages: in batches, each once, in the words of the visit."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.models import User
from clinic.appointments.models import MOVED, Appointment
from clinic.appointments.reading import calendar
from clinic.appointments.reading.visit import VISITS, Visit, of_row
from clinic.core import clock, saying
from clinic.core.data.bulk import among
from clinic.core.data.db import UtcDateTime, db, transactional
from clinic.core.errors import N_, Conflict
from clinic.doctors.models import Doctor
from clinic.messaging.channels import CHANNELS, that_can_send
from clinic.messaging.queueing import messages as messaging
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.words.rendering import When, placeholder
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders import addresses, planning
from clinic.reminders.addresses import DOCTOR, OF_PATIENT, REACH, is_known, reach_in
from clinic.reminders.models import Reminder

log = structlog.get_logger()

BATCH = 500
DEFAULT_LANGUAGE = "en"  # of a login that never chose
TRY_AGAIN_AFTER = timedelta(minutes=5)
Able = Mapping[bool, Collection[str]]  # what can send now: to patients, and to doctors (True)

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


_OF_THE_END = (planning.CANCELLED, planning.NOT_ACCEPTED)


def queue_due(limit: int = BATCH) -> int:
    """Turn up to `limit` due reminders into messages. Returns how many were looked at."""
    due = db.session.scalars(
        sa.select(Reminder.id).where(*_is_due()).order_by(Reminder.due_at).limit(limit)
    ).all()
    db.session.rollback()
    return _queue(list(due)) if due else 0


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


@transactional
def _claim_and_queue(ids: list[UUID]) -> int:
    due = sa.select(Reminder.id).where(among(Reminder.id, ids), *_is_due())
    held = db.session.scalars(due.with_for_update(skip_locked=True)).all()
    if not held:
        return 0
    plans = _PLANS.where(among(Reminder.id, held))
    rows = db.session.execute(plans, {"now": clock.now()}).all()
    wanted = [row for row in rows if is_true(row)]
    able = {False: that_can_send("patient"), True: that_can_send("doctor")}
    news = _without_echoes([(row, message_of(row, able)) for row in wanted])
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


def _dedupe_key(row: sa.Row) -> str:
    return f"reminder:{row.plan_id}"


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


def told(visits: sa.Select[Any]) -> sa.Select[Any]:
    """Visits, with where their people are reached; with the columns of a plan, for `message_of`."""
    return (
        visits.add_columns(
            *(column.label(name) for name, column in REACH.items()),
            is_known("phone").label("phone_is_known"),
            is_known("email").label("email_is_known"),
            sa.func.coalesce(
                sa.func.nullif(User.language, DEFAULT_LANGUAGE), PatientOrganisation.language
            ).label("language"),
            sa.func.coalesce(PatientOrganisation.is_active, sa.true()).label("is_cared_for"),
            PatientOrganisation.died_on,
            addresses.IS_ONE_OF_SEVERAL.label("is_one_of_several"),
            DOCTOR.language.label("doctor_language"),
        )
        .join(DOCTOR, DOCTOR.id == Doctor.user_id)
        .outerjoin(User, User.id == Patient.user_id)
        .outerjoin(PatientOrganisation, OF_PATIENT)
    )


_PLANS: sa.Select[Any] = told(
    VISITS.add_columns(
        Reminder.id.label("plan_id"),
        Reminder.rule,
        Reminder.channel.label("plan_channel"),
        Reminder.due_at.label("plan_due_at"),
    ).join(Reminder, Reminder.appointment_id == Appointment.id)
).order_by(Reminder.due_at)


def is_true(row: sa.Row) -> bool:
    """Does the visit still stand as the words will say, and is there somebody to tell?"""
    if row.rule in planning.TO_DOCTORS:
        is_heard = bool(row.doctor_phone or row.doctor_email)
    else:
        is_heard = row.is_cared_for and row.died_on is None
        if not row.doctor_works and row.rule not in _OF_THE_END:
            return False  # nobody is told to come to a doctor who left
    return is_heard and row.status in _TRUE_WHILE.get(row.rule, _ACCEPTED)


def message_of(row: sa.Row, able: Able) -> NewMessage:
    visit = of_row(row, THE_SYSTEM)
    to_doctor = row.rule in planning.TO_DOCTORS
    channel, address = reach_in(row, to_doctor).way(row.plan_channel, able[to_doctor])
    language = (row.doctor_language if to_doctor else row.language) or "en"
    return NewMessage(
        organisation_id=visit.organisation_id,
        channel=channel,
        address=address,
        template=planning.template_of(row.rule),
        values=_values(visit) | {"is_one_of_several": row.is_one_of_several},
        language=language,
        about_id=visit.id,
        due_at=row.plan_due_at,
        expires_at=planning.expires(row.rule, visit.starts_at, row.plan_due_at),
        dedupe_key=_dedupe_key(row),
        calendar=_calendar(visit, language) if _carries_calendar(row.rule, channel) else None,
        is_known=to_doctor or _is_known(row, channel),
    )


def _is_known(row: sa.Row, channel: str) -> bool:
    return row.phone_is_known if CHANNELS[channel].address == "phone" else row.email_is_known


def _carries_calendar(rule: str, channel: str) -> bool:
    return rule in planning.OF_CALENDARS and CHANNELS[channel].carries_calendar


def _calendar(visit: Visit, language: str) -> str:
    with saying.in_language(language):
        return calendar.file_of(visit).decode()


def _values(visit: Visit) -> dict[str, object]:
    return {
        "organisation": visit.organisation,
        "phone": visit.clinic_phone,
        "doctor": visit.doctor,
        "place": visit.place,
        "address": visit.address or "",
        "when": When(visit.starts_at, visit.zone),
        "code": visit.code,
        "link": placeholder("link:visit", visit.id),
    }


_RULES = {template: rule for rule, template in planning.TEMPLATES.items()}
_RULES[planning.template_of(planning.BEFORE)] = planning.BEFORE


def message_again(template: str, visit_id: UUID, channel: str) -> NewMessage | None:
    """In the words and to the address of today; None of a message that is about no visit.

    Raises Conflict, in words, where it would mislead, or where that channel has no address now.
    """
    rule = _RULES.get(template)
    if rule is None:
        return None
    plan = (
        sa.literal(str(visit_id)).label("plan_id"),
        sa.literal(rule).label("rule"),
        sa.literal(channel).label("plan_channel"),
        sa.literal(clock.now(), UtcDateTime()).label("plan_due_at"),
    )
    query = told(VISITS.add_columns(*plan)).where(Appointment.id == visit_id)
    row = db.session.execute(query, {"now": clock.now()}).one_or_none()
    if row is None:
        raise Conflict(N_("The visit is no longer here."))
    _must_be_true(row)
    message = message_of(row, {False: (channel,), True: (channel,)})
    if message.channel != channel or not message.address:
        raise Conflict(N_("No address is known now for this way. Add one, or call."))
    return message


def _must_be_true(row: sa.Row) -> None:
    if row.rule not in planning.STILL_TRUE_AFTER_START and row.starts_at <= clock.now():
        raise Conflict(N_("The visit has begun, so this would come too late."))
    if row.rule == planning.REQUESTED and row.status != "pending":
        raise Conflict(N_("The request was answered meanwhile, so this is no longer true."))
    if is_true(row):
        return
    if row.status != "cancelled":
        raise Conflict(N_("The visit has changed meanwhile, so this is no longer true."))
    if row.cancel_reason == MOVED:
        raise Conflict(N_("The visit was moved meanwhile, so this is no longer true."))
    raise Conflict(N_("The visit was cancelled meanwhile, so this is no longer true."))


def gauges() -> dict[str, float]:
    """Reminders that are due and were not queued, and the age in seconds of the oldest."""
    moment = clock.now()
    overdue = sa.and_(Reminder.status == "planned", Reminder.due_at <= moment)
    count, oldest = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(Reminder.due_at)).where(overdue)
    ).one()
    age = (moment - oldest).total_seconds() if oldest else 0.0
    return {"reminders_overdue": count, "reminders_oldest_overdue_seconds": age}
