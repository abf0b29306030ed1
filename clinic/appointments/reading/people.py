"""The visits of people whom somebody at work looks up, or who wrote from some number."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.models import User
from clinic.appointments.life.scope import VISIBLE, still_meant
from clinic.appointments.models import Appointment
from clinic.appointments.reading.visit import MOST_LISTED, VISITS, Visit, read
from clinic.appointments.vocabulary import FINISHED
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.messaging.threads import queries as conversations
from clinic.messaging.threads.queries import Thread
from clinic.patients.models import Patient, PatientOrganisation

_Link = PatientOrganisation


@dataclass(frozen=True, slots=True)
class Visits:
    coming: list[Visit]  # and going on, soonest first
    past: list[Visit]  # over or cancelled, newest first


@dataclass(frozen=True, slots=True)
class Caller:
    patient_id: UUID
    name: str
    birth_date: date | None
    visit: Visit | None  # the next one


def next_of(patient_ids: Collection[UUID], reader: Actor) -> dict[UUID, Visit]:
    """The next visit of each that has one, of those the reader may see."""
    if not patient_ids:
        return {}
    first = (
        sa.select(sa.func.min(Appointment.starts_at))
        .where(_is_coming(), VISIBLE.to(reader), Appointment.patient_id.in_(patient_ids))
        .group_by(Appointment.patient_id)
        .with_only_columns(Appointment.patient_id, sa.func.min(Appointment.starts_at))
    )
    key = sa.tuple_(Appointment.patient_id, Appointment.starts_at)
    query = VISITS.where(key.in_(first.correlate(None)), _is_coming(), VISIBLE.to(reader))
    return {one.patient_id: one for one in read(query, reader)}


def of_code(code: str, reader: Actor) -> Visit | None:
    """The visit that is still to come by its reference."""
    found = read(
        VISITS.where(Appointment.code == code, _is_coming(), VISIBLE.to(reader)).limit(1), reader
    )
    return found[0] if found else None


def of_person(patient_id: UUID, reader: Actor) -> Visits:
    """Those the reader may see; what moved stands at its new time alone."""
    theirs = VISITS.where(VISIBLE.to(reader), Appointment.patient_id == patient_id, still_meant())
    coming = theirs.where(_is_coming()).order_by(Appointment.starts_at)
    past = theirs.where(sa.not_(_is_coming())).order_by(Appointment.starts_at.desc())
    return Visits(read(coming.limit(MOST_LISTED), reader), read(past.limit(MOST_LISTED), reader))


def of_numbers(numbers: Collection[str], reader: Actor) -> dict[str, list[Caller]]:
    """By number the people of the reader's organisation, in the order of their names.

    A family may share one; who has an account is reached by its number alone.
    """
    if not numbers:
        return {}
    rows = db.session.execute(_whose(numbers, reader.organisation_id)).all()
    coming = next_of({row.id for row in rows}, reader)
    found: dict[str, list[Caller]] = {}
    for row in sorted(rows, key=lambda row: row.sort_name):
        caller = Caller(row.id, row.full_name, row.birth_date, coming.get(row.id))
        found.setdefault(row.number, []).append(caller)
    return found


def of_threads(threads: Iterable[Thread], reader: Actor) -> dict[UUID, list[Caller]]:
    """By conversation of the inbox: whom the desk attached it to, else all who have its number."""
    threads = list(threads)
    attached = conversations.attached({one.patient_id for one in threads if one.patient_id})
    coming = next_of(attached.keys(), reader)
    by_number = of_numbers({one.address for one in threads if not one.patient_id}, reader)
    found: dict[UUID, list[Caller]] = {}
    for one in threads:
        theirs = by_number.get(one.address, [])
        if one.patient_id:
            who = attached[one.patient_id]
            visit = coming.get(one.patient_id)
            theirs = [Caller(one.patient_id, who.name, who.birth_date, visit)]
        found[one.id] = theirs
    return found


def _whose(numbers: Collection[str], organisation_id: UUID | None) -> sa.CompoundSelect:
    """Two statements, each by its index."""
    person = (Patient.id, Patient.full_name, Patient.birth_date, Patient.sort_name)
    known = (
        sa.select(*person, sa.func.coalesce(User.phone, _Link.phone).label("number"))
        .join(_Link, _Link.patient_id == Patient.id)
        .outerjoin(User, User.id == Patient.user_id)
        .where(_Link.organisation_id == organisation_id)
    )
    return sa.union_all(
        known.where(among(User.phone, numbers)),
        known.where(among(_Link.phone, numbers), User.phone.is_(None)),
    )


def of_visits(visit_ids: Iterable[UUID | None], reader: Actor) -> dict[UUID, Visit]:
    """Those of them that the reader may see."""
    ids = [one for one in visit_ids if one]
    if not ids:
        return {}
    query = VISITS.where(among(Appointment.id, ids), VISIBLE.to(reader))
    return {one.id: one for one in read(query, reader)}


def _is_coming() -> sa.ColumnElement[bool]:
    return sa.and_(Appointment.ends_at > clock.now(), Appointment.status.not_in(sorted(FINISHED)))
