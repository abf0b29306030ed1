"""People come to an organisation: by signing up, or because the front desk registers them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.accounts import limits, passwords, sessions
from clinic.accounts import service as accounts
from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.accounts.service import AlreadyInUse
from clinic.core import clock
from clinic.core.db import db, insert_new, must_be_writing, transactional
from clinic.core.security import THE_SYSTEM, Actor
from clinic.events.names import Event
from clinic.events.service import record
from clinic.patients.models import Patient, PatientOrganisation


@dataclass(frozen=True, slots=True)
class Contact:
    """How one organisation reaches a patient. `phone` is E.164."""

    phone: str | None = None
    email: str | None = None
    language: str = "en"
    channel: str = "sms"


@dataclass(frozen=True, slots=True)
class NewPatient:
    """What a visitor enters to sign up. `phone` is E.164."""

    full_name: str
    email: str
    phone: str
    password: str


def sign_up(new: NewPatient, address: str, browser: str | None) -> str:
    """Create a patient with a login and sign them in: returns the session's token.

    Raises AlreadyInUse or TooMany.
    """
    limits.refuse_when_too_many("signup", address, new.email)
    db.session.rollback()
    password_hash = passwords.hash_password(new.password)  # slow: before the transaction
    try:
        return _create_with_login(new, password_hash, browser)
    except AlreadyInUse:
        limits.note_failure("signup", address, new.email)
        raise


@transactional
def _create_with_login(new: NewPatient, password_hash: str, browser: str | None) -> str:
    user = accounts.create_user(
        Role.PATIENT,
        new.full_name,
        new.email,
        THE_SYSTEM,
        password_hash=password_hash,
        phone=new.phone,
    )
    create_for_user(user)
    return sessions.open_session(user.id, browser)


@transactional
def create_for_user(user: User, birth_date: date | None = None) -> Patient:
    """The person behind a user of role patient."""
    patient = Patient(
        user_id=user.id,
        full_name=user.full_name,
        sort_name=user.full_name.casefold(),
        birth_date=birth_date,
        created_at=clock.now(),
    )
    db.session.add(patient)
    db.session.flush()
    actor = Actor(role=Role.PATIENT, user_id=user.id)
    record(Event.PATIENT_REGISTERED, actor, None, patient_id=patient.id)
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
    patient = Patient(
        full_name=full_name,
        sort_name=full_name.casefold(),
        birth_date=birth_date,
        created_at=clock.now(),
    )
    db.session.add(patient)
    db.session.flush()
    link(patient.id, organisation_id, contact)
    record(Event.PATIENT_REGISTERED, actor, organisation_id, patient_id=patient.id)
    return patient


def link(patient_id: UUID, organisation_id: UUID, contact: Contact) -> None:
    """Make the patient known to the organisation; what it already knows stays."""
    must_be_writing()
    statement = insert_new(PatientOrganisation).values(
        patient_id=patient_id,
        organisation_id=organisation_id,
        record_number=f"P{uuid4().hex[:8].upper()}",
        phone=contact.phone,
        email=contact.email,
        language=contact.language,
        channel=contact.channel,
        created_at=clock.now(),
    )
    db.session.execute(statement)


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
