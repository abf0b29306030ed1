from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.db import db
from clinic.patients.models import Patient, PatientOrganisation

MOST_FOUND = 8

# A room above this one, by table name only: whose a visit is.
_visits = sa.table("appointments", sa.column("id", sa.Uuid), sa.column("patient_id", sa.Uuid))


@dataclass(frozen=True, slots=True)
class Found:
    """A patient in a list of the organisation that knows them."""

    id: UUID
    name: str
    record_number: str
    birth_date: date | None
    phone: str | None


def search(organisation_id: UUID, text: str) -> list[Found]:
    """Patients of the organisation by name, phone or record number; at least 2 characters."""
    text = text.strip()
    if len(text) < 2 or "\x00" in text:
        return []
    matches = sa.or_(
        Patient.sort_name.contains(text.casefold(), autoescape=True),
        PatientOrganisation.phone.contains(text.replace(" ", ""), autoescape=True),
        PatientOrganisation.record_number == text.upper(),
    )
    return _found(organisation_id, matches)


def of_organisation(organisation_id: UUID, patient_id: UUID) -> Found | None:
    found = _found(organisation_id, Patient.id == patient_id)
    return found[0] if found else None


def _found(organisation_id: UUID, matches: sa.ColumnElement[bool]) -> list[Found]:
    rows = db.session.execute(
        sa.select(
            Patient.id,
            Patient.full_name,
            Patient.birth_date,
            PatientOrganisation.record_number,
            PatientOrganisation.phone,
        )
        .join(PatientOrganisation, PatientOrganisation.patient_id == Patient.id)
        .where(PatientOrganisation.organisation_id == organisation_id, matches)
        .order_by(Patient.sort_name)
        .limit(MOST_FOUND)
    )
    return [
        Found(row.id, row.full_name, row.record_number, row.birth_date, row.phone) for row in rows
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


def names_by_visit(visit_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Whose visits these are, by visit."""
    ids = [one for one in visit_ids if one]
    if not ids:
        return {}
    rows = db.session.execute(
        sa.select(_visits.c.id, Patient.full_name)
        .join(Patient, Patient.id == _visits.c.patient_id)
        .where(_visits.c.id.in_(ids))
    )
    return {row.id: row.full_name for row in rows}
