"""Who may see which reminder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import (
    Condition,
    Visible,
    everything,
    same_organisation,
    same_patient,
    same_user,
)
from clinic.accounts.models import User
from clinic.appointments.models import Appointment
from clinic.core.data.db import db, is_sqlite, is_there
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.messaging.models import Message
from clinic.organisations.models import Organisation
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders.models import Reminder
from clinic.reminders.visits import planning


@dataclass(frozen=True, slots=True)
class Listed:
    id: UUID
    type: str
    template: str
    appointment_id: UUID
    patient_id: UUID
    rule: str
    method: str
    delivery_time: datetime
    status: str  # its message's, once it became one
    message_id: UUID | None
    timezone: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    statuses: frozenset[str] = frozenset()
    appointment_id: UUID | None = None
    user_id: UUID | None = None


def _to_themselves(actor: Actor) -> Condition:
    """What a doctor is told is no patient's."""
    to_patients = Reminder.rule.not_in(sorted(planning.TO_DOCTORS))
    return sa.and_(same_patient(Appointment.patient_id)(actor), to_patients)


VISIBLE = Visible(  # in a query that joins Appointment
    "reminder",
    {
        Role.PATIENT: _to_themselves,
        Role.STAFF: same_organisation(Reminder.organisation_id),
        Role.ADMIN: same_organisation(Reminder.organisation_id),
        Role.SUPERADMIN: everything,
    },
)


def _themselves_or_known(actor: Actor) -> Condition:
    known = (
        sa.select(Patient.user_id)
        .join(PatientOrganisation, PatientOrganisation.patient_id == Patient.id)
        .where(same_organisation(PatientOrganisation.organisation_id)(actor))
    )
    return sa.or_(same_user(User.id)(actor), User.id.in_(known))


ASKED_ABOUT = Visible(
    "user whose reminders are asked for",
    {
        Role.PATIENT: same_user(User.id),
        Role.DOCTOR: same_user(User.id),
        Role.STAFF: _themselves_or_known,
        Role.ADMIN: _themselves_or_known,
        Role.SUPERADMIN: everything,
    },
)


def page(actor: Actor, wanted: Wanted, paging: Paging) -> Page[Listed]:
    """The first due first. Raises BadCursor; NotFound for a user the actor may not ask about."""
    if wanted.user_id and not is_there(User.id == wanted.user_id, ASKED_ABOUT.to(actor)):
        raise NotFound
    query = _query().where(VISIBLE.to(actor), *_conditions(wanted))
    return page_of(query, Reminder.due_at, Reminder.id, paging).of(_listed)


def one(actor: Actor, reminder_id: UUID) -> Listed:
    """Raises NotFound for an absent reminder and for somebody else's alike."""
    rows = db.session.execute(_query().where(VISIBLE.to(actor), Reminder.id == reminder_id)).all()
    if not rows:
        raise NotFound
    return _listed(rows)[0]


# What became of it. The message tells that alone: each report of a provider writes one row.
STATUS = sa.case(
    (Reminder.status == "queued", sa.func.coalesce(Message.status, Reminder.status)),
    else_=Reminder.status,
)


def _query() -> sa.Select:
    return (
        sa.select(
            Reminder,
            Appointment.patient_id,
            Organisation.timezone,
            STATUS.label("stands"),
            Message.id.label("message_id"),
        )
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .join(Organisation, Organisation.id == Reminder.organisation_id)
        .outerjoin(Message, Message.dedupe_key == _key_of_message())
        .execution_options(populate_existing=True)
    )


def _key_of_message() -> sa.ColumnElement[str]:
    """`reminder:` and the id, as its message has it: by its unique index one row for each."""
    if not is_sqlite():
        return sa.literal("reminder:") + sa.cast(Reminder.id, sa.String)
    digits = sa.type_coerce(Reminder.id, sa.String)  # 32 of them, without the dashes
    parts = [sa.func.substr(digits, at, many) for at, many in _GROUPS]
    return sa.literal("reminder:") + sum(("-" + part for part in parts[1:]), parts[0])


_GROUPS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.statuses:
        found.append(STATUS.in_(sorted(wanted.statuses)))
    if wanted.appointment_id:
        found.append(Reminder.appointment_id == wanted.appointment_id)
    if wanted.user_id:
        of_user = sa.select(Patient.id).where(Patient.user_id == wanted.user_id)
        found.append(Appointment.patient_id.in_(of_user))
    return found


def _listed(rows: Sequence[sa.Row]) -> list[Listed]:
    return [_one(row.Reminder, row) for row in rows]


def _one(reminder: Reminder, row: sa.Row) -> Listed:
    return Listed(
        id=reminder.id,
        type="appointment",
        template=planning.template_of(reminder.rule),
        appointment_id=reminder.appointment_id,
        patient_id=row.patient_id,
        rule=reminder.rule,
        method=reminder.channel,
        delivery_time=reminder.due_at,
        status=row.stands,
        message_id=row.message_id,
        timezone=row.timezone,
        created_at=reminder.created_at,
    )
