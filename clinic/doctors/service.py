"""Make a doctor findable, follow the user behind them, and lock a diary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from clinic.access.actor import Actor
from clinic.access.roles import HAVE_PROFILE, may
from clinic.accounts.facts import UserFact
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.core.data.trips.asking import Question
from clinic.core.fields import LONGEST_NAME
from clinic.core.languages import LANGUAGES
from clinic.core.text import fold
from clinic.doctors.errors import LicenceInUse
from clinic.doctors.facts import DoctorCreated
from clinic.doctors.models import Doctor, DoctorLanguage, DoctorSpecialisation
from clinic.doctors.vocabulary import SPECIALISATIONS
from clinic.events.fact import Fact
from clinic.events.service import record
from clinic.organisations import service as organisations
from clinic.organisations.models import Organisation


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
    doctor = Doctor(
        user_id=user.id,
        organisation_id=user.organisation_id,
        name=_shown(user.full_name),
        sort_name=_sorted_by(user.full_name),
        licence_number=profile.licence_number,
        years_experience=profile.years_experience,
        bio=profile.bio,
        contact_phone=profile.contact_phone,
        is_active=user.is_active,
        created_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(doctor)
    except sa.exc.IntegrityError:
        raise LicenceInUse from None
    set_words(doctor.id, DoctorSpecialisation, "specialisation", profile.specialisations)
    set_words(doctor.id, DoctorLanguage, "language", profile.languages)
    record(DoctorCreated(organisation_id=doctor.organisation_id, doctor_id=doctor.id), actor)
    return doctor


def _check_words(profile: NewProfile) -> None:
    unknown = set(profile.specialisations) - SPECIALISATIONS.keys()
    unknown |= set(profile.languages) - LANGUAGES.keys()
    if unknown or not profile.specialisations:
        raise ValueError(f"unknown or no specialisation or language: {sorted(unknown)}")


def _shown(full_name: str) -> str:
    name = full_name if full_name.startswith("Dr ") else f"Dr {full_name}"
    return name[:LONGEST_NAME]


def _sorted_by(full_name: str) -> str:
    return fold(full_name.removeprefix("Dr "))[:LONGEST_NAME]


def set_words(
    doctor_id: UUID,
    table: type[DoctorSpecialisation | DoctorLanguage],
    column: str,
    words: Sequence[str],
) -> None:
    db.session.execute(sa.delete(table).where(table.doctor_id == doctor_id))
    rows = [{"doctor_id": doctor_id, column: word} for word in words]
    db.session.execute(sa.insert(table), rows)


def on_user_changed(fact: UserFact) -> None:
    """NOW: a doctor is found while their user may sign in as one there, and by the user's name."""
    user = db.session.execute(
        sa.select(User.full_name, User.role, User.is_active, User.organisation_id).where(
            User.id == fact.user_id
        )
    ).one()
    works = user.is_active and may(user.role, HAVE_PROFILE)
    db.session.execute(
        sa.update(Doctor)
        .where(Doctor.user_id == fact.user_id)
        .values(
            name=_shown(user.full_name),
            sort_name=_sorted_by(user.full_name),
            is_active=Doctor.organisation_id == user.organisation_id if works else sa.false(),
            diary_version=Doctor.diary_version + 1,  # their photo may be another one, too
        )
    )
    works_at = sa.select(Doctor.organisation_id).where(Doctor.user_id == fact.user_id)
    organisations.raise_versions(Organisation.id.in_(works_at))


def on_choices_changed(fact: Fact) -> None:
    """NOW: what visitors may narrow the directory by is kept by the version of the clinic.

    Hours and profiles change it, bookings do not: they raise the doctor's alone.
    """
    organisations.raise_versions(Organisation.id == fact.organisation_id)


def lock(doctor_ids: Iterable[UUID]) -> None:
    """Hold these doctors' bookings until the transaction ends. Always before patients' locks.

    Whoever holds a diary changes it, so its version is raised in the same statement.
    """
    ids = sorted(set(doctor_ids))
    if ids:
        raise_versions(Doctor.id.in_(ids))


def raise_versions(*which: sa.ColumnElement[bool]) -> list[UUID]:
    """Lock the doctors that meet the conditions, in order, and say that what is offered changed.

    Pages keep what they show of a doctor by `Doctor.diary_version`. Returns who was found.
    """
    must_be_writing()
    return list(db.session.scalars(_raised(*which)))


def _raised(*which: sa.ColumnElement[bool]) -> ReturningUpdate[UUID]:
    # An UPDATE alone would lock in any order. NO KEY: foreign keys of visits being inserted
    # elsewhere need not wait. On SQLite the write transaction itself is the lock.
    held = sa.select(Doctor.id).where(*which).order_by(Doctor.id)
    rows = held.with_for_update(key_share=True).cte("held")
    return (
        sa.update(Doctor)
        .values(diary_version=Doctor.diary_version + 1)
        .where(Doctor.id == rows.c.id)
        .returning(Doctor.id)
        .execution_options(synchronize_session=False)
    )


LOCK_ONE = Question(_raised(Doctor.id == sa.bindparam("doctor_id")))  # `lock`, asked with more
