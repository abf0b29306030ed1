"""A doctor's own account of themselves: checked, then created or changed."""

from collections.abc import Sequence
from typing import Any, TypedDict
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import HAVE_PROFILE, SYSTEM, Role
from clinic.access.visible import Visible, everything, same_organisation, same_user
from clinic.accounts.models import User
from clinic.core import saying
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, NotFound
from clinic.core.languages import LANGUAGES
from clinic.core.phones import parse_phone
from clinic.core.text import clean_text
from clinic.doctors import vocabulary
from clinic.doctors.errors import BadProfile, LicenceInUse
from clinic.doctors.facts import DoctorUpdated
from clinic.doctors.models import Doctor, DoctorLanguage, DoctorSpecialisation
from clinic.doctors.service import NewProfile, create_profile, set_words
from clinic.doctors.vocabulary import SPECIALISATIONS
from clinic.events.service import record
from clinic.organisations import queries as organisations

LONGEST_LICENCE, LONGEST_BIO, MOST_YEARS, MOST_WORDS = 40, 2000, 80, 20


KEPT = Visible(
    "profile to keep",
    {
        Role.DOCTOR: same_user(User.id),
        Role.ADMIN: same_organisation(User.organisation_id),
        Role.SUPERADMIN: everything,
        SYSTEM: everything,
    },
)


class ProfileChanges(TypedDict, total=False):
    """What was entered; a key that is missing leaves things as they are."""

    specialisations: Sequence[str]  # slugs, titles or other usual words
    licence_number: str
    languages: Sequence[str]  # codes or English names
    years_experience: int
    bio: str
    contact_phone: str | None  # as typed; None or "" for none


@transactional
def upsert_profile(user_id: UUID, changes: ProfileChanges, actor: Actor) -> Doctor:
    """Create or change the profile of a user of role doctor.

    Raises NotFound (also for a stranger's user), BadProfile and LicenceInUse.
    """
    user = _doctor_user(user_id, actor)
    checked = _checked(changes, user)
    doctor = db.session.scalar(sa.select(Doctor).where(Doctor.user_id == user_id))
    if doctor is None:
        return create_profile(user, _new(checked), actor)
    if "specialisations" in checked:
        words = checked.pop("specialisations")
        set_words(doctor.id, DoctorSpecialisation, "specialisation", words)
    if "languages" in checked:
        set_words(doctor.id, DoctorLanguage, "language", checked.pop("languages"))
    try:
        with db.session.begin_nested():
            for name, value in checked.items():
                setattr(doctor, name, value)
    except sa.exc.IntegrityError:
        raise LicenceInUse from None
    record(DoctorUpdated(organisation_id=doctor.organisation_id, doctor_id=doctor.id), actor)
    return doctor


def _doctor_user(user_id: UUID, actor: Actor) -> User:
    """Lock the user, so that of two first profiles at once the second becomes a change."""
    user = db.session.scalar(
        sa.select(User)
        .where(User.id == user_id, KEPT.to(actor), User.role.in_(HAVE_PROFILE))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if user is None:
        raise NotFound
    return user


def _new(checked: dict[str, Any]) -> NewProfile:
    for field, words in (
        ("specialisations", N_("Enter at least one specialisation.")),
        ("licence_number", N_("Enter the licence number.")),
    ):
        if field not in checked:
            raise BadProfile(field, "required", words)
    return NewProfile(**checked)


def _checked(changes: ProfileChanges, user: User) -> dict[str, Any]:
    """The changes as columns and slugs, or BadProfile for the first that cannot be."""
    checks = {
        "specialisations": _specialisations,
        "licence_number": _licence,
        "languages": _languages,
        "years_experience": _years,
        "bio": _bio,
        "contact_phone": lambda text: _phone(text, user.organisation_id),
    }
    return {name: checks[name](value) for name, value in changes.items()}  # type: ignore[operator]


def _specialisations(given: Sequence[str]) -> tuple[str, ...]:
    slugs = tuple(dict.fromkeys(vocabulary.specialisation(word) for word in given))
    if not slugs or len(slugs) > MOST_WORDS:
        raise BadProfile("specialisations", "required", N_("Enter 1 to 20 specialisations."))
    if None in slugs:
        known = ", ".join(SPECIALISATIONS)
        words = N_("We know these specialisations: %(known)s.")
        raise BadProfile("specialisations", "unknown", words, known=known)
    return slugs  # type: ignore[return-value]  # None was refused above


def _languages(given: Sequence[str]) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(saying.language_code(word) for word in given))
    if not codes or len(codes) > MOST_WORDS:
        raise BadProfile("languages", "required", N_("Enter 1 to 20 languages."))
    if None in codes:
        known = ", ".join(LANGUAGES)
        words = N_("Use the codes of ISO 639-1: %(known)s.")
        raise BadProfile("languages", "unknown", words, known=known)
    return codes  # type: ignore[return-value]  # None was refused above


def _licence(given: str) -> str:
    licence = " ".join(_text("licence_number", given).split())
    if not 1 <= len(licence) <= LONGEST_LICENCE:
        raise BadProfile("licence_number", "length", N_("A licence number has 1 to 40 characters."))
    return licence


def _years(given: int) -> int:
    if not 0 <= given <= MOST_YEARS:
        raise BadProfile("years_experience", "range", N_("Years of experience are 0 to 80."))
    return given


def _bio(given: str) -> str:
    bio = _text("bio", given)
    if len(bio) > LONGEST_BIO:
        raise BadProfile("bio", "length", N_("Use at most 2,000 characters."))
    return bio


def _phone(given: str | None, organisation_id: UUID | None) -> str | None:
    if not given or organisation_id is None:
        return None
    try:
        return parse_phone(given, organisations.country_of(organisation_id))
    except ValueError as error:
        raise BadProfile("contact_phone", "phone", str(error)) from None


def _text(field: str, given: str) -> str:
    try:
        return clean_text(given) or ""
    except ValueError:
        raise BadProfile(
            field, "characters", N_("Remove the characters that cannot be stored.")
        ) from None
