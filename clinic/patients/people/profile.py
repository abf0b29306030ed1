"""What patients with a login keep about themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound
from clinic.events.service import record
from clinic.organisations import queries as organisations
from clinic.patients import details
from clinic.patients.facts import PatientUpdated
from clinic.patients.models import Patient
from clinic.patients.people import service

COLUMNS = {
    "date_of_birth": "birth_date",
    "gender": "gender",
    "blood_type": "blood_type",
    "contact_number": "contact_number",
    "emergency_name": "emergency_name",
    "emergency_phone": "emergency_phone",
    "emergency_relation": "emergency_relation",
    "address": "address",
}


@dataclass(frozen=True, slots=True)
class Profile:
    patient_id: UUID
    full_name: str
    date_of_birth: date | None
    gender: str | None
    blood_type: str | None
    contact_number: str | None  # E.164: to call; messages go to the account's own number
    emergency_name: str | None
    emergency_phone: str | None
    emergency_relation: str | None
    address: str | None


def own_profile(actor: Actor) -> Profile:
    """Raises NotFound for whoever is no patient."""
    row = db.session.execute(
        sa.select(Patient, User.phone)
        .join(User, User.id == Patient.user_id)
        .where(Patient.user_id == actor.user_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    kept = {field: getattr(row.Patient, column) for field, column in COLUMNS.items()}
    kept["contact_number"] = kept["contact_number"] or row.phone
    return Profile(row.Patient.id, row.Patient.full_name, **kept)


@transactional
def update_own_profile(actor: Actor, changes: Mapping[str, Any]) -> None:
    """Store the fields given, by the names of Profile; None empties one.

    Without a `contact_number` of its own the account's counts, which is changed by other rules.
    Raises NotFound, InvalidDetails.
    """
    patient = _mine(actor)
    given = details.read(changes, organisations.default_country(), kept=lambda: _numbers(patient))
    for field, value in given.items():
        setattr(patient, COLUMNS[field], value)
    if db.session.is_modified(patient):
        db.session.flush()
        record(PatientUpdated(organisation_id=None, patient_id=patient.id), actor)


def _numbers(patient: Patient) -> list[str | None]:
    """Those that were theirs before."""
    own = db.session.scalar(sa.select(User.phone).where(User.id == patient.user_id))
    return [own, patient.contact_number, patient.emergency_phone]


def _mine(actor: Actor) -> Patient:
    mine = sa.select(Patient).where(Patient.user_id == actor.user_id)
    patient_id = db.session.scalar(mine.with_only_columns(Patient.id))
    if patient_id is None:
        raise NotFound
    service.lock([patient_id])
    return db.session.get_one(Patient, patient_id, populate_existing=True)
