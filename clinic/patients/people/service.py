"""People come to an organisation: with a login, or because the front desk registers them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import HAVE_RECORD, Role, may
from clinic.accounts.facts import UserAddressLost, UserCreated, UserLoggedIn, UserUpdated
from clinic.accounts.models import User
from clinic.accounts.proof import standing
from clinic.core import clock
from clinic.core.data.db import db, insert_new, must_be_writing, transactional
from clinic.core.data.trips import writing
from clinic.core.data.trips.asking import Question
from clinic.core.data.trips.rows import Again
from clinic.core.errors import NotFound
from clinic.doctors.models import Doctor
from clinic.events.service import record
from clinic.patients import details
from clinic.patients.errors import PatientInactive
from clinic.patients.facts import PatientRegistered
from clinic.patients.models import Patient, PatientOrganisation


@dataclass(frozen=True, slots=True)
class Contact:
    """How one organisation reaches a patient. `phone` is E.164."""

    phone: str | None = None
    email: str | None = None
    language: str = "en"
    channel: str = "sms"


def on_user_created(fact: UserCreated) -> None:
    """NOW, with the user: a login of role patient is a person, too."""
    if may(fact.role, HAVE_RECORD):
        create_for_user(db.session.get_one(User, fact.user_id))


def on_user_changed(fact: UserUpdated) -> None:
    """NOW: who has a login is called here as they are there."""
    renamed = sa.select(User.full_name).where(User.id == fact.user_id)
    name = db.session.execute(renamed).scalar_one()
    db.session.execute(
        sa.update(Patient)
        .where(Patient.user_id == fact.user_id)
        .values(full_name=name, sort_name=details.sort_name(name))
    )


def on_user_came(fact: UserLoggedIn) -> None:
    """NOW, with the log-in: whose death was noted somewhere is alive."""
    noted = sa.exists().where(
        PatientOrganisation.patient_id == Patient.id, PatientOrganisation.died_on.is_not(None)
    )
    db.session.execute(
        sa.update(Patient)
        .where(Patient.user_id == fact.user_id, noted)
        .values(seen_alive_at=clock.now())
    )


def on_address_lost(fact: UserAddressLost) -> None:
    """NOW: clinics noted the address that the account gave, and somebody else has proven."""
    noted = {"email": PatientOrganisation.email, "phone": PatientOrganisation.phone}[fact.kind]
    given = {"email": User.email, "phone": User.phone}[fact.kind]
    theirs = sa.select(Patient.id).where(Patient.user_id == fact.user_id)
    proven = sa.select(given).where(given == noted, standing.is_proven(fact.kind))
    db.session.execute(
        sa.update(PatientOrganisation)
        .where(PatientOrganisation.patient_id.in_(theirs), proven.exists())
        .values({noted: None})
    )


@transactional
def create_for_user(user: User, birth_date: date | None = None) -> Patient:
    """The person behind a user of role patient, made unless they are there."""
    known = db.session.scalar(sa.select(Patient).where(Patient.user_id == user.id))
    if known is not None:
        known.birth_date = birth_date or known.birth_date
        return known
    patient = _add(user.full_name, birth_date, user.id)
    actor = Actor(role=Role.PATIENT, user_id=user.id)
    record(PatientRegistered(organisation_id=None, patient_id=patient.id), actor)
    return patient


@transactional
def register(
    organisation_id: UUID,
    full_name: str,
    contact: Contact,
    actor: Actor,
    birth_date: date | None = None,
) -> Patient:
    """The front desk registers a person who needs no login."""
    patient = _add(full_name, birth_date)
    link(patient.id, organisation_id, contact)
    record(PatientRegistered(organisation_id=organisation_id, patient_id=patient.id), actor)
    return patient


def _add(full_name: str, birth_date: date | None, user_id: UUID | None = None) -> Patient:
    patient = Patient(
        user_id=user_id,
        full_name=full_name,
        sort_name=details.sort_name(full_name),
        birth_date=birth_date,
        created_at=clock.now(),
    )
    db.session.add(patient)
    db.session.flush()
    return patient


def contact_of(known: Mapping[str, Any]) -> Contact:
    """Whoever gives a mail address and no number is written to by e-mail."""
    phone, email = known.get("phone"), known.get("email")
    channel = known.get("channel") or ("email" if email and not phone else "sms")
    return Contact(phone, email, known.get("language") or "en", channel)


def link(patient_id: UUID, organisation_id: UUID, contact: Contact) -> None:
    """Make the patient known to the organisation; what it already knows stays."""
    must_be_writing()
    key = {"patient_id": patient_id, "organisation_id": organisation_id}
    while not _insert_link({**key, **asdict(contact)}):
        known = sa.select(PatientOrganisation.record_number).filter_by(**key)
        if db.session.scalar(known):
            return  # else it was the number that somebody else has: take another


def _insert_link(values: dict[str, Any]) -> bool:
    statement = insert_new(PatientOrganisation).values(
        **values, record_number=_record_number(), created_at=clock.now()
    )
    inserted = db.session.execute(statement.returning(PatientOrganisation.patient_id))
    return inserted.first() is not None


def link_new(patient_id: UUID, organisation_id: UUID, contact: Contact) -> None:
    """Hand over a link that was not there under the patient's lock."""
    row = {"patient_id": patient_id, "organisation_id": organisation_id, **asdict(contact)}
    refused_by = (
        "pk_patient_organisations",  # somebody registered them meanwhile
        "uq_patient_organisations_organisation_id_record_number",
    )
    writing.hand_over(
        PatientOrganisation,
        {**row, "record_number": _record_number(), "created_at": clock.now(), "is_active": True},
        refusals=dict.fromkeys(refused_by, Again),
    )


def _record_number() -> str:
    return f"P{uuid4().hex[:8].upper()}"


def refuse_inactive(patient_id: UUID, organisation_id: UUID) -> None:
    """Raises PatientInactive for whom the organisation no longer cares for, and for the dead.

    Raises NotFound for nobody.
    """
    link_here = sa.and_(
        PatientOrganisation.patient_id == Patient.id,
        PatientOrganisation.organisation_id == organisation_id,
    )
    row = db.session.execute(
        sa.select(PatientOrganisation.died_on, PatientOrganisation.is_active)
        .select_from(Patient)
        .outerjoin(PatientOrganisation, link_here)
        .where(Patient.id == patient_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    if is_inactive(row.died_on, row.is_active):
        raise PatientInactive


def is_inactive(died_on: date | None, is_active: bool | None) -> bool:
    """Who died, by what is noted there, and whom it no longer cares for; None without a link."""
    return died_on is not None or is_active is False


def lock(patient_ids: Iterable[UUID]) -> None:
    """Hold these patients' bookings until the transaction ends. Always after doctors' locks."""
    must_be_writing()
    ids = sorted(set(patient_ids))
    if ids:
        db.session.execute(
            sa.select(Patient.id)
            .where(Patient.id.in_(ids))
            .order_by(Patient.id)
            .with_for_update(key_share=True)
        ).all()


def hold_diaries(organisation_id: UUID) -> None:
    """Those of all doctors there, before a patient is held whose visits may be cancelled.

    Not only of whom they come to: who books them with another one meanwhile would be waited for
    by that one's diary, and wait for the patient.
    """
    must_be_writing()
    held = sa.select(Doctor.id).where(Doctor.organisation_id == organisation_id)
    db.session.execute(held.order_by(Doctor.id).with_for_update(key_share=True)).all()


LOCK_ONE = Question(  # `lock`, asked with more
    sa.select(Patient.id)
    .where(Patient.id == sa.bindparam("patient_id"))
    .with_for_update(key_share=True)
)
