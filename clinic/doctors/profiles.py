"""A doctor's own account of themselves: checked, then created or changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import HAVE_PROFILE, SYSTEM, Role
from clinic.access.visible import Visible, everything, same_organisation, same_user
from clinic.accounts.models import User
from clinic.core import saying
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, NotFound, Wrong
from clinic.core.fields import Kind, Maybe, Number, PhoneNumber, Said, Text, read
from clinic.core.languages import LANGUAGES
from clinic.core.phones import Use
from clinic.core.text import clean_text
from clinic.doctors import vocabulary
from clinic.doctors.errors import BadProfile, LicenceInUse
from clinic.doctors.facts import DoctorUpdated
from clinic.doctors.models import (
    LONGEST_BIO,
    LONGEST_LICENCE,
    Doctor,
    DoctorLanguage,
    DoctorSpecialisation,
)
from clinic.doctors.service import NewProfile, create_profile, lock, set_words
from clinic.doctors.vocabulary import SPECIALISATIONS
from clinic.events.service import record
from clinic.organisations import queries as organisations

MOST_YEARS, MOST_WORDS = 80, 20
_CODES = {"unstorable": "characters", "required": "length", "too_long": "length"}
_LICENCE = N_("A licence number has 1 to 40 characters.")


class Licence(Text):
    """In one line, as its authority writes it."""

    __slots__ = ()

    def clean(self, value: str) -> str:
        return " ".join(clean_text(value).split())


@dataclass(frozen=True, slots=True)
class Words:
    """Several usual words, each by what we call it; `find` returns None for what nobody knows."""

    find: Callable[[str], str | None]
    known: Iterable[str]

    def read(self, value: Sequence[str]) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(self.find(word) for word in value))
        if not 1 <= len(found) <= MOST_WORDS:
            raise Wrong("required")
        if None in found:
            raise Wrong("unknown_choice", options=", ".join(self.known))
        return found  # type: ignore[return-value]  # None was refused above


KINDS: dict[str, Kind[Any]] = {
    "specialisations": Said(
        Words(vocabulary.specialisation, SPECIALISATIONS),
        {
            "required": N_("Enter 1 to 20 specialisations."),
            "unknown_choice": N_("We know these specialisations: %(options)s."),
        },
        {"unknown_choice": "unknown"},
    ),
    "licence_number": Said(
        Licence(LONGEST_LICENCE, least=1), {"required": _LICENCE, "too_long": _LICENCE}, _CODES
    ),
    "languages": Said(
        Words(saying.language_code, LANGUAGES),
        {
            "required": N_("Enter 1 to 20 languages."),
            "unknown_choice": N_("Use the codes of ISO 639-1: %(options)s."),
        },
        {"unknown_choice": "unknown"},
    ),
    "years_experience": Said(
        Number(0, MOST_YEARS), N_("Years of experience are 0 to 80."), "range"
    ),
    "bio": Said(Text(LONGEST_BIO), {"too_long": N_("Use at most 2,000 characters.")}, _CODES),
}


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
    lock([doctor.id])
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
            raise BadProfile.of(field, words, "required")
    return NewProfile(**checked)


def _checked(changes: ProfileChanges, user: User) -> dict[str, Any]:
    """The changes as columns and slugs, or BadProfile for the first that cannot be."""
    kinds = KINDS | {"contact_phone": _phone_at(user)} if "contact_phone" in changes else KINDS
    return {name: read(name, kinds[name], value, BadProfile) for name, value in changes.items()}


def _phone_at(user: User) -> Kind[Any]:
    """Numbers without a country code are those of the organisation's country."""
    country = organisations.country_of(user.organisation_id) if user.organisation_id else None
    number = PhoneNumber(country=country, use=Use.CALLED, kept=lambda: (_phone_of(user),))
    unread = ("not_a_phone", "too_long", "unstorable")
    return Maybe(Said(number, code=dict.fromkeys(unread, "phone")))


def _phone_of(user: User) -> str | None:
    return db.session.scalar(sa.select(Doctor.contact_phone).where(Doctor.user_id == user.id))
