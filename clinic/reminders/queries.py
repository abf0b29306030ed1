"""Who may see which reminder, in lists and one by one, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import KEEP_REMINDERS, Role, may
from clinic.access.visible import Condition, Visible, everything, same_organisation, same_user
from clinic.accounts.models import User
from clinic.appointments.models import Appointment
from clinic.core.data.bulk import among
from clinic.core.data.db import db, is_there
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.doctors.models import Doctor
from clinic.messaging.models import Message
from clinic.organisations.models import Organisation
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders.models import OwnReminder, Reminder
from clinic.reminders.outcome import STATUS, key_of_message
from clinic.reminders.visits import planning, plans

_OWN_KEPT = ("title", "message", "method", "recurrence", "choice", "to_address", "author_id")


@dataclass(frozen=True, slots=True)
class Listed:
    """Of one about a visit `rule` and `template` say what it is; of one that a person made, what
    stands behind `title`."""

    id: UUID
    organisation_id: UUID | None
    type: str
    template: str | None
    appointment_id: UUID | None
    patient_id: UUID | None
    rule: str | None
    method: str | None
    delivery_time: datetime
    status: str  # its message's, once it became one
    message_id: UUID | None
    timezone: str
    created_at: datetime
    visit_at: datetime | None = None
    doctor: str | None = None  # of the visit
    title: str | None = None
    message: str | None = None
    recurrence: str | None = None
    choice: dict[str, Any] | None = None
    to_address: str | None = None
    author_id: UUID | None = None
    details: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    statuses: frozenset[str] = frozenset()
    appointment_id: UUID | None = None
    user_id: UUID | None = None
    types: frozenset[str] = frozenset()
    patient_id: UUID | None = None
    is_own: bool = False  # only what people made


def _of_patients(which: Condition) -> sa.CompoundSelect[Any]:
    """Ids: of their visits, but for what doctors are told, and what else is theirs. Each by its
    index."""
    of_visits = (
        sa.select(Reminder.id)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .join(Patient, Patient.id == Appointment.patient_id)
        .where(which, ~plans.TO_DOCTOR)
    )
    of_no_visit = (
        sa.select(Reminder.id)
        .join(Patient, Patient.id == Reminder.patient_id)
        .where(which, Reminder.appointment_id.is_(None))
    )
    return sa.union_all(of_visits, of_no_visit)


def _made_by(actor: Actor) -> Condition:
    mine = sa.select(OwnReminder.reminder_id).where(same_user(OwnReminder.author_id)(actor))
    return Reminder.id.in_(mine)


def _theirs(actor: Actor) -> Condition:
    if actor.patient_id is None:
        return sa.false()
    return Reminder.id.in_(_of_patients(Patient.id == actor.patient_id))


VISIBLE = Visible(
    "reminder",
    {
        Role.PATIENT: _theirs,
        Role.DOCTOR: _made_by,
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


def may_keep(actor: Actor, author_id: UUID | None) -> bool:
    """Of those that one sees: one's own, and at work those of the organisation."""
    return may(actor.role, KEEP_REMINDERS) or actor.user_id == author_id


def page(actor: Actor, wanted: Wanted, paging: Paging, newest_first: bool = False) -> Page[Listed]:
    """The first due first, or last.

    Raises BadCursor; NotFound for a user the actor may not ask about.
    """
    if wanted.user_id and not is_there(User.id == wanted.user_id, ASKED_ABOUT.to(actor)):
        raise NotFound
    query = _query().where(VISIBLE.to(actor), *_conditions(wanted))
    return page_of(query, Reminder.due_at, Reminder.id, paging, newest_first).of(_listed)


def one(actor: Actor, reminder_id: UUID) -> Listed:
    """Raises NotFound for an absent reminder and for somebody else's alike."""
    rows = db.session.execute(_query().where(VISIBLE.to(actor), Reminder.id == reminder_id)).all()
    if not rows:
        raise NotFound
    return _listed(rows)[0]


def status_of(reminder_id: UUID) -> str:
    """For whoever has seen it."""
    return db.session.scalars(
        sa.select(STATUS)
        .select_from(Reminder)
        .outerjoin(Message, Message.dedupe_key == key_of_message())
        .where(Reminder.id == reminder_id)
    ).one()


def names_of(patient_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of patients whose reminders were seen."""
    rows = db.session.execute(
        sa.select(Patient.id, Patient.full_name).where(among(Patient.id, patient_ids))
    )
    return {row.id: row.full_name for row in rows}


def _query() -> sa.Select:
    return (
        sa.select(
            Reminder,
            OwnReminder,
            STATUS.label("stands"),
            Message.id.label("message_id"),
            sa.func.coalesce(Reminder.patient_id, Appointment.patient_id).label("whose"),
            Organisation.timezone,
            Appointment.starts_at,
            Doctor.name.label("doctor"),
        )
        .outerjoin(Appointment, Appointment.id == Reminder.appointment_id)
        .outerjoin(Doctor, Doctor.id == Appointment.doctor_id)
        .outerjoin(Organisation, Organisation.id == Reminder.organisation_id)
        .outerjoin(OwnReminder, OwnReminder.reminder_id == Reminder.id)
        .outerjoin(Message, Message.dedupe_key == key_of_message())
        .execution_options(populate_existing=True)
    )


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.statuses:
        found.append(STATUS.in_(sorted(wanted.statuses)))
    if wanted.types:
        found.append(Reminder.type.in_(sorted(wanted.types)))
    if wanted.appointment_id:
        found.append(Reminder.appointment_id == wanted.appointment_id)
    if wanted.patient_id:
        found.append(Reminder.id.in_(_of_patients(Patient.id == wanted.patient_id)))
    if wanted.user_id:
        theirs = _of_patients(Patient.user_id == wanted.user_id)
        made = sa.select(OwnReminder.reminder_id).where(OwnReminder.author_id == wanted.user_id)
        found.append(sa.or_(Reminder.id.in_(theirs), Reminder.id.in_(made)))
    if wanted.is_own:
        found.append(Reminder.appointment_id.is_(None))
    return found


def _listed(rows: Sequence[sa.Row]) -> list[Listed]:
    return [_of_own(row) if row.OwnReminder else _of_visit(row) for row in rows]


def _of_visit(row: sa.Row) -> Listed:
    reminder: Reminder = row.Reminder
    return Listed(
        **_shared(row),
        template=planning.template_of(reminder.rule),
        rule=reminder.rule,
        method=reminder.channel,
        timezone=row.timezone,
        visit_at=row.starts_at,
        doctor=row.doctor,
    )


def _of_own(row: sa.Row) -> Listed:
    own: OwnReminder = row.OwnReminder
    return Listed(
        **_shared(row),
        template=None,
        rule=None,
        timezone=own.timezone,
        details=own.details,
        **{name: getattr(own, name) for name in _OWN_KEPT},
    )


def _shared(row: sa.Row) -> dict[str, Any]:
    reminder: Reminder = row.Reminder
    return {
        "id": reminder.id,
        "organisation_id": reminder.organisation_id,
        "type": reminder.type,
        "appointment_id": reminder.appointment_id,
        "patient_id": row.whose,
        "delivery_time": reminder.due_at,
        "status": row.stands,
        "message_id": row.message_id,
        "created_at": reminder.created_at,
    }
