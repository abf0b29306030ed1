"""The directory, one doctor, and a doctor's own profile."""

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from flask_login import current_user
from pydantic import AliasChoices, Field
from pydantic.functional_validators import BeforeValidator

from clinic.access.roles import KEEP_DOCTORS, Role
from clinic.api.frame import In, Out, PageOf, PageQuery, Resource, actor, example, page
from clinic.api.when import Instant
from clinic.appointments.offer import openings
from clinic.appointments.offer.openings import Between, FoundDoctor
from clinic.core.fields import LONGEST_NAME, LONGEST_PHONE, Number, Text
from clinic.core.web.security import access, public
from clinic.doctors import profiles, queries
from clinic.doctors.errors import ProfileMissing
from clinic.doctors.keeping import queries as keeping
from clinic.doctors.models import LONGEST_BIO, LONGEST_LICENCE
from clinic.doctors.profiles import MOST_WORDS, MOST_YEARS
from clinic.doctors.queries import Profile
from clinic.doctors.search.narrowing import Search

bp = Resource("doctors", tag="Doctors")

LONGEST_WORD = 60  # characters of a speciality as somebody writes it

PROFILE = {
    "id": "0d4f6a1e-6a7e-4f43-9a52-3f3a5a1f7c10",
    "user_id": "5b0c2f0e-55f7-4d8e-8d0e-6b7b1c9a2e11",
    "organisation_id": "9f2b7c44-0d3a-4c7e-a7a5-1e2d3c4b5a69",
    "organisation": "Harbour Clinic",
    "name": "Dr Asha Rao",
    "specialisations": ["cardiology"],
    "specialization": "cardiology",
    "languages": ["en", "hi"],
    "locations": ["Quay Street"],
    "years_experience": 18,
    "bio": "High blood pressure and palpitations.",
    "licence_number": "GMC-4100",
}


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Words = Annotated[
    list[Annotated[str, Text(LONGEST_WORD)]],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=MOST_WORDS),
]


class DoctorQuery(PageQuery):
    specialisation: Annotated[str, Text()] = Field(
        "",
        max_length=LONGEST_WORD,
        validation_alias=AliasChoices("specialization", "specialisation"),
        description="`cardiology` or `Ear, nose and throat`, in any case",
    )
    q: Annotated[str, Text()] = Field(
        "",
        max_length=LONGEST_NAME,
        description="Names, specialties and everyday words, from two letters on: `rao`, `knee`",
    )
    language: Annotated[str, Text()] = Field(
        "", max_length=40, description="ISO 639-1, or the English name"
    )
    location: UUID | None = Field(None, description="`next_available` is at that place")
    earliest: Instant | None = Field(None, description="`next_available` is not before this time")
    latest: Instant | None = Field(None, description="`next_available` is not after this time")


class PublicDoctor(Out):
    """What everybody may know of a doctor."""

    id: UUID
    user_id: UUID
    organisation_id: UUID
    organisation: str
    name: str
    specialisations: list[str]
    specialization: str = Field(description="The first of `specialisations`")
    languages: list[str] = Field(description="ISO 639-1")
    locations: list[str]
    years_experience: int
    bio: str
    licence_number: str


class DoctorOut(PublicDoctor):
    next_available: datetime | None = Field(description="Start of the first free slot")

    model_config = example({**PROFILE, "next_available": "2026-11-16T09:00:00Z"})


class DoctorPage(PageOf[DoctorOut]):
    model_config = example(
        {"items": [{**PROFILE, "next_available": "2026-11-16T09:00:00Z"}], "next_cursor": None}
    )


class DoctorProfileIn(In):
    specialisations: Words = Field(
        default_factory=list,
        validation_alias=AliasChoices(
            "specialisations", "specializations", "specialisation", "specialization"
        ),
        description="One or several, by slug or title; needed for a first profile",
    )
    licence_number: Annotated[str, Text()] = Field(
        default_factory=str,
        min_length=1,
        max_length=LONGEST_LICENCE,
        validation_alias=AliasChoices("licence_number", "license_number"),
        description="Nobody else's; needed for a first profile",
    )
    languages: Words = Field(
        default_factory=list, description="ISO 639-1, or the English names; at first `en`"
    )
    years_experience: Annotated[int, Number(0, MOST_YEARS)] = Field(
        default_factory=int,
        validation_alias=AliasChoices("years_experience", "years_of_experience"),
        strict=True,
    )
    bio: Annotated[str, Text()] = Field(default_factory=str, max_length=LONGEST_BIO)
    contact_phone: Annotated[str, Text(LONGEST_PHONE)] | None = Field(
        None,
        validation_alias=AliasChoices("contact_phone", "contact", "contact_number"),
        description="Without a country code it is read as one of the organisation's country",
    )

    model_config = example(
        {
            "specialisations": ["cardiology"],
            "licence_number": "GMC-4100",
            "languages": ["en", "hi"],
            "years_experience": 18,
            "bio": "High blood pressure and palpitations.",
            "contact_phone": "+442079460142",
        }
    )


class DoctorProfileOut(PublicDoctor):
    contact_phone: str | None

    model_config = example({**PROFILE, "contact_phone": "+442079460142"})


@bp.get("/doctors")
@bp.get("/patients/doctors")
@public
@bp.input(DoctorQuery, location="query")
@bp.output(DoctorPage)
def index(query_data: DoctorQuery) -> dict[str, Any]:
    """Find a doctor by what you need, their name, place, language and time."""
    asked = Search(
        specialisation=query_data.specialisation,
        location=query_data.location,
        language=query_data.language,
        q=query_data.q,
    )
    between = Between(query_data.earliest, query_data.latest)
    found = openings.directory(asked, between, query_data.paging)
    return page(found.of(lambda items: [_with_time(one) for one in items]))


@bp.get("/doctors/<uuid:doctor_id>")
@public
@bp.output(DoctorOut)
def show(doctor_id: UUID) -> dict[str, Any]:
    """One doctor."""
    return _with_time(openings.next_available(queries.find(doctor_id)))


@bp.get("/doctors/me/profile")
@access(Role.DOCTOR)
@bp.output(DoctorProfileOut)
def my_profile() -> dict[str, Any]:
    """Your own profile; 404 with code `profile_missing` before the first one."""
    return _shown(queries.of_user(current_user.id))


@bp.put("/doctors/me/profile")
@access(Role.DOCTOR)
@bp.input(DoctorProfileIn)
@bp.output(DoctorProfileOut)
def set_my_profile(json_data: DoctorProfileIn) -> dict[str, Any]:
    """Set up your profile, or change what you name of it."""
    changes = cast(profiles.ProfileChanges, json_data.model_dump(exclude_unset=True))
    profiles.upsert_profile(current_user.id, changes, actor())
    return _shown(queries.of_user(current_user.id))


@bp.get("/doctors/<uuid:doctor_id>/profile")
@access(*KEEP_DOCTORS)
@bp.output(DoctorProfileOut)
def profile(doctor_id: UUID) -> dict[str, Any]:
    """A doctor's profile, for the doctor or who runs the clinic; the id may be the user's."""
    kept = keeping.kept(doctor_id, actor())
    if kept.profile is None:
        raise ProfileMissing
    return _shown(kept.profile)


@bp.put("/doctors/<uuid:doctor_id>/profile")
@access(*KEEP_DOCTORS)
@bp.input(DoctorProfileIn)
@bp.output(DoctorProfileOut)
def set_profile(doctor_id: UUID, json_data: DoctorProfileIn) -> dict[str, Any]:
    """Set up a doctor's profile, or change what you name of it; the id may be the user's."""
    kept = keeping.kept(doctor_id, actor())
    changes = cast(profiles.ProfileChanges, json_data.model_dump(exclude_unset=True))
    profiles.upsert_profile(kept.user_id, changes, actor())
    return _shown(queries.of_user(kept.user_id))


def _shown(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.id,
        "user_id": profile.user_id,
        "organisation_id": profile.organisation_id,
        "organisation": profile.organisation,
        "name": profile.name,
        "specialisations": profile.specialisations,
        "specialization": profile.specialisations[0],
        "languages": profile.languages,
        "locations": [place.name for place in profile.places],
        "years_experience": profile.years_experience,
        "bio": profile.bio,
        "licence_number": profile.licence_number,
        "contact_phone": profile.contact_phone,
    }


def _with_time(found: FoundDoctor) -> dict[str, Any]:
    return {**_shown(found.profile), "next_available": found.next_available}
