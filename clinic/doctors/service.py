from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.db import db, must_be_writing, transactional
from clinic.core.errors import ClinicError
from clinic.core.security import Actor
from clinic.doctors.models import Doctor, DoctorLanguage, DoctorSpecialisation
from clinic.doctors.vocabulary import LANGUAGES, SPECIALISATIONS
from clinic.events.names import Event
from clinic.events.service import record


class LicenceInUse(ClinicError):
    status, code, title = 409, "licence_in_use", "Another doctor has this licence number"


@dataclass(frozen=True, slots=True)
class NewProfile:
    licence_number: str
    specialisations: tuple[str, ...]  # slugs of the vocabulary
    languages: tuple[str, ...] = ("en",)  # ISO 639-1
    years_experience: int = 0
    bio: str = ""
    contact_phone: str | None = None


@transactional
def create_profile(user: User, profile: NewProfile, actor: Actor) -> Doctor:
    """Make a user of role doctor findable. Raises LicenceInUse; ValueError for an unknown word."""
    _check_words(profile)
    name = user.full_name if user.full_name.startswith("Dr ") else f"Dr {user.full_name}"
    doctor = Doctor(
        user_id=user.id,
        organisation_id=user.organisation_id,
        name=name,
        sort_name=user.full_name.removeprefix("Dr ").casefold(),
        licence_number=profile.licence_number,
        years_experience=profile.years_experience,
        bio=profile.bio,
        contact_phone=profile.contact_phone,
        created_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(doctor)
    except sa.exc.IntegrityError:
        raise LicenceInUse from None
    for specialisation in profile.specialisations:
        db.session.add(DoctorSpecialisation(doctor_id=doctor.id, specialisation=specialisation))
    for language in profile.languages:
        db.session.add(DoctorLanguage(doctor_id=doctor.id, language=language))
    db.session.flush()
    record(Event.DOCTOR_CREATED, actor, doctor.organisation_id, doctor_id=doctor.id)
    return doctor


def _check_words(profile: NewProfile) -> None:
    unknown = set(profile.specialisations) - SPECIALISATIONS.keys()
    unknown |= set(profile.languages) - LANGUAGES.keys()
    if unknown or not profile.specialisations:
        raise ValueError(f"unknown or no specialisation or language: {sorted(unknown)}")


def lock(doctor_ids: Iterable[UUID]) -> None:
    """Hold these doctors' bookings until the transaction ends. Always before patients' locks."""
    must_be_writing()
    ids = sorted(set(doctor_ids))
    if ids:
        # NO KEY: foreign keys of visits being inserted elsewhere need not wait.
        db.session.execute(
            sa.select(Doctor.id)
            .where(Doctor.id.in_(ids))
            .order_by(Doctor.id)
            .with_for_update(key_share=True)
        ).all()
