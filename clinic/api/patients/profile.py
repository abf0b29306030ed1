"""What patients keep about themselves."""

from dataclasses import asdict, replace
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from clinic.access.roles import Role
from clinic.api.frame import In, Out, Resource, WrittenPhone, actor, example
from clinic.api.when import Day
from clinic.core.fields import Name, Text
from clinic.core.web.security import access
from clinic.patients.errors import InvalidDetails
from clinic.patients.models import LONGEST_ADDRESS, LONGEST_RELATION
from clinic.patients.people import profile as profiles
from clinic.patients.people.profile import Profile

bp = Resource("patient_profile", tag="Patients")

Gender = Literal["female", "male", "other", "undisclosed"]
BloodType = Literal["A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"]

RAVI = {"name": "Ravi Rao", "phone": "+447400123457", "relation": "brother"}
PROFILE = {
    "date_of_birth": "1984-05-17",
    "gender": "female",
    "blood_type": "O+",
    "contact_number": "+447400123456",
    "emergency_contact": RAVI,
    "address": "14 Quay Street, London",
}


class EmergencyContactIn(In):
    name: Name
    phone: WrittenPhone | None = None
    relation: Annotated[str, Text(LONGEST_RELATION)] | None = None

    model_config = example(RAVI)


def _by_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class PatientProfileIn(In):
    date_of_birth: Day | None = None
    gender: Gender | None = None
    blood_type: BloodType | None = None
    contact_number: WrittenPhone | None = Field(
        None, description="To call; messages go to the account's own number. Without it, that one"
    )
    emergency_contact: Annotated[EmergencyContactIn | None, BeforeValidator(_by_name)] = Field(
        None, description="An object, or the name alone"
    )
    address: Annotated[str, Text(LONGEST_ADDRESS)] | None = None

    model_config = example(PROFILE)


class EmergencyContactOut(Out):
    name: str | None
    phone: str | None
    relation: str | None

    model_config = example(RAVI)


class PatientProfileOut(Out):
    patient_id: UUID
    full_name: str
    date_of_birth: date | None
    gender: str | None
    blood_type: str | None
    contact_number: str | None
    emergency_contact: EmergencyContactOut | None
    address: str | None

    model_config = example(
        {**PROFILE, "patient_id": "7d0f9c7e-54a4-4bb1-9a53-6a0a6a2f4a10", "full_name": "Asha Rao"}
    )


@bp.get("/patients/me/profile")
@access(Role.PATIENT)
@bp.output(PatientProfileOut)
def own_profile() -> dict[str, Any]:
    """What the patient keeps about themselves."""
    return _shown(profiles.own_profile(actor()))


@bp.put("/patients/me/profile")
@access(Role.PATIENT)
@bp.input(PatientProfileIn)
@bp.output(PatientProfileOut)
def put_own_profile(json_data: PatientProfileIn) -> dict[str, Any]:
    """Replace the profile: a field that is missing is emptied, but for the contact number."""
    given = json_data.model_dump()
    contact = given.pop("emergency_contact") or {}
    for part in ("name", "phone", "relation"):
        given[f"emergency_{part}"] = contact.get(part)
    try:
        profiles.update_own_profile(actor(), given)
    except InvalidDetails as invalid:
        invalid.errors = tuple(replace(one, field=_sent_as(one.field)) for one in invalid.errors)
        raise
    return _shown(profiles.own_profile(actor()))


def _sent_as(field: str) -> str:
    return field.replace("emergency_", "emergency_contact.", 1)


def _shown(profile: Profile) -> dict[str, Any]:
    contact = {
        "name": profile.emergency_name,
        "phone": profile.emergency_phone,
        "relation": profile.emergency_relation,
    }
    return {**asdict(profile), "emergency_contact": contact if any(contact.values()) else None}
