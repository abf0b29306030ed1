"""Patients as organisations know them: lists, search, duplicates."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import (
    Condition,
    Visible,
    everything,
    same_doctor,
    same_organisation,
    same_patient,
)
from clinic.accounts.models import User
from clinic.appointments.models import Appointment
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.patients import details
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people.matching import EMAIL, PEOPLE, PHONE, everywhere, matches
from clinic.patients.people.notes import NOTED_ELSEWHERE, SEEN_SINCE, TO_DECIDE

MOST_NAMED = 25  # whose conversations are looked for
MOST_FOUND = 8
MOST_DECIDED = 50

_Link = PatientOrganisation


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A patient in a list of the organisation that knows them."""

    id: UUID
    name: str
    record_number: str
    birth_date: date | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """A patient as an organisation knows them. `phone` and `email` are those that are used;
    the noted ones are the organisation's own. Without an organisation its fields are None."""

    id: UUID
    full_name: str
    date_of_birth: date | None
    gender: str | None
    died_on: date | None  # as this organisation noted it
    death_noted_elsewhere: date | None
    seen_since_death: bool
    has_login: bool
    phone: str | None
    email: str | None
    organisation_id: UUID | None
    record_number: str | None
    noted_phone: str | None
    noted_email: str | None
    language: str | None
    channel: str | None
    is_active: bool | None
    created_at: datetime


_RECORD = (
    Patient.id,
    Patient.full_name,
    Patient.birth_date.label("date_of_birth"),
    Patient.gender,
    _Link.died_on,
    NOTED_ELSEWHERE.label("death_noted_elsewhere"),
    SEEN_SINCE.label("seen_since_death"),
    Patient.user_id.is_not(None).label("has_login"),
    PHONE.label("phone"),
    EMAIL.label("email"),
    _Link.organisation_id,
    _Link.record_number,
    _Link.phone.label("noted_phone"),
    _Link.email.label("noted_email"),
    _Link.language,
    _Link.channel,
    _Link.is_active,
    Patient.created_at,
)


def _who_visit_them(actor: Actor) -> Condition:
    """A doctor's patients: those known where the doctor works, with a visit to them."""
    visits = sa.exists().where(
        Appointment.patient_id == Patient.id, same_doctor(Appointment.doctor_id)(actor)
    )
    return sa.and_(same_organisation(_Link.organisation_id)(actor), visits)


VISIBLE = Visible(
    "patient",
    {
        Role.PATIENT: same_patient(Patient.id),
        Role.DOCTOR: _who_visit_them,
        Role.STAFF: same_organisation(_Link.organisation_id),
        Role.ADMIN: same_organisation(_Link.organisation_id),
        Role.SUPERADMIN: everything,
    },
)


def page(
    organisation_id: UUID | None,
    actor: Actor,
    paging: Paging,
    text: str | None = None,
    is_active: bool | None = None,
) -> Page[Record]:
    """The organisation's patients by name; a doctor's are those with visits to them.

    None for those of every organisation, each once. A `text` of fewer than 2 characters finds
    nobody. Raises BadCursor.
    """
    which = _asked_for(organisation_id, actor, text, is_active)
    found = page_of(_records().where(*which), Patient.sort_name, Patient.id, paging)
    return found.of(lambda rows: [_record(row) for row in rows])


def count(organisation_id: UUID | None, actor: Actor, text: str | None = None) -> int:
    """How many `page` goes through."""
    rows = _records().where(*_asked_for(organisation_id, actor, text)).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0


def _asked_for(
    organisation_id: UUID | None, actor: Actor, text: str | None, is_active: bool | None = None
) -> list[sa.ColumnElement[bool]]:
    if organisation_id is None:
        return [VISIBLE.to(actor), *everywhere(text, is_active)]
    found = [_Link.organisation_id == organisation_id, VISIBLE.to(actor)]
    if text is not None:
        found.append(matches(text, organisation_id))
    if is_active is not None:
        found.append(_Link.is_active.is_(is_active))
    return found


def deaths_to_decide(organisation_id: UUID, actor: Actor) -> list[Record]:
    """Who is dead by another organisation alone, and who logged in after this one said so."""
    query = _records().where(_Link.organisation_id == organisation_id, VISIBLE.to(actor), TO_DECIDE)
    rows = db.session.execute(query.order_by(Patient.sort_name, Patient.id).limit(MOST_DECIDED))
    return [_record(row) for row in rows]


def count_deaths(actor: Actor) -> int:
    """How many wait for the actor's organisation to say yes or no."""
    waiting = sa.select(sa.func.count()).select_from(Patient).join(_Link).where(TO_DECIDE)
    return db.session.scalar(waiting.where(_Link.organisation_id == actor.organisation_id)) or 0


def one(actor: Actor, patient_id: UUID) -> Record:
    """Raises NotFound for an absent patient and for one who is none of the actor's alike."""
    query = _records().where(Patient.id == patient_id, VISIBLE.to(actor))
    row = db.session.execute(query.order_by(_Link.created_at).limit(1)).one_or_none()
    if row is None:
        raise NotFound
    return _record(row)


def known_at(organisation_id: UUID, patient_id: UUID) -> Record:
    """For whoever has just written it. Raises NotFound."""
    query = _records().where(Patient.id == patient_id, _Link.organisation_id == organisation_id)
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return _record(row)


def _records() -> sa.Select:
    return sa.select(*_RECORD).select_from(PEOPLE)


def _record(row: sa.Row[Any]) -> Record:
    return Record(**{column.name: getattr(row, column.name) for column in fields(Record)})


def search(organisation_id: UUID, text: str) -> list[FoundPerson]:
    """Patients the organisation cares for, by what was typed; at least 2 characters."""
    cared_for = sa.and_(_Link.is_active, _Link.died_on.is_(None))
    return _found(organisation_id, sa.and_(cared_for, matches(text, organisation_id)))


def named(organisation_id: UUID | None, actor: Actor, text: str) -> tuple[set[str], set[UUID]]:
    """The numbers and mailboxes and the ids of those who are so called, or have such a number."""
    people = page(organisation_id, actor, Paging(MOST_NAMED), text).items
    addresses = {there for one in people for there in (one.phone, one.email) if there}
    return addresses, {one.id for one in people}


def of_organisation(organisation_id: UUID, patient_id: UUID) -> FoundPerson | None:
    found = _found(organisation_id, Patient.id == patient_id)
    return found[0] if found else None


def possible_duplicates(
    organisation_id: UUID,
    full_name: str,
    phone: str | None = None,
    birth_date: date | None = None,
    email: str | None = None,
) -> list[FoundPerson]:
    """Who is known there with the same number, the same address, or the same name and birth date.

    `phone` is E.164.
    """
    alike: list[sa.ColumnElement[bool]] = []
    if phone:
        alike += [_Link.phone == phone, User.phone == phone]
    if email:
        alike += [sa.func.lower(_Link.email) == email.lower(), User.email == email.lower()]
    if birth_date:
        same_name = Patient.sort_name == details.sort_name(full_name)
        alike.append(sa.and_(same_name, Patient.birth_date == birth_date))
    return _found(organisation_id, sa.or_(*alike)) if alike else []


def _found(organisation_id: UUID, alike: sa.ColumnElement[bool]) -> list[FoundPerson]:
    rows = db.session.execute(
        sa.select(
            Patient.id,
            Patient.full_name,
            Patient.birth_date,
            _Link.record_number,
            PHONE.label("phone"),
        )
        .join(_Link, _Link.patient_id == Patient.id)
        .outerjoin(User, User.id == Patient.user_id)
        .where(_Link.organisation_id == organisation_id, alike)
        .order_by(Patient.sort_name)
        .limit(MOST_FOUND)
    )
    return [
        FoundPerson(row.id, row.full_name, row.record_number, row.birth_date, row.phone)
        for row in rows
    ]


def email_of(patient_id: UUID, organisation_id: UUID) -> str | None:
    """The patient's own address, else the one this organisation knows."""
    return db.session.scalar(
        sa.select(sa.func.coalesce(User.email, PatientOrganisation.email))
        .select_from(Patient)
        .outerjoin(User, User.id == Patient.user_id)
        .outerjoin(
            PatientOrganisation,
            sa.and_(
                PatientOrganisation.patient_id == Patient.id,
                PatientOrganisation.organisation_id == organisation_id,
            ),
        )
        .where(Patient.id == patient_id)
    )


def phones_of(patient_ids: Collection[UUID], organisation_id: UUID | None) -> dict[UUID, str]:
    """The number to call each by; who has none is left out."""
    rows = db.session.execute(
        sa.select(Patient.id, PHONE.label("phone"))
        .outerjoin(User, User.id == Patient.user_id)
        .outerjoin(
            _Link, sa.and_(_Link.patient_id == Patient.id, _Link.organisation_id == organisation_id)
        )
        .where(among(Patient.id, patient_ids))
    )
    return {row.id: row.phone for row in rows if row.phone}
