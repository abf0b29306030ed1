"""A clinic opens itself, by a program."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request

from clinic.accounts.opening import service as signup
from clinic.accounts.opening.service import NewClinic
from clinic.api.accounts.auth import AuthOut, tokens_of
from clinic.api.bodies import dialled
from clinic.api.frame import In, Resource, example
from clinic.api.organisations.organisations import HARBOUR, OrganisationIn, emergency_number_of
from clinic.core.errors import ClinicError, FieldError
from clinic.core.fields import Email, LocalPhone, Name, Password, PhoneNumber
from clinic.core.fields.telephones import called_in
from clinic.core.web.security import client_address, public

bp = Resource("clinic_signup", tag="Organisations")

NOOR = {
    "full_name": "Noor Aziz",
    "email": "noor@example.org",
    "phone": "+447400123458",
    "password": "three quiet harbours",
}


class FirstAdminIn(In):
    full_name: Name
    email: Email
    phone: LocalPhone | None = None
    password: Password

    model_config = example(NOOR)


class ClinicSignUpIn(In):
    organisation: OrganisationIn
    admin: FirstAdminIn

    model_config = example(
        {
            "organisation": {**HARBOUR, "address": "14 Quay Street"},
            "admin": NOOR,
        }
    )


@bp.post("/organisations/signup")
@public
@bp.input(ClinicSignUpIn)
@bp.output(AuthOut, 201)
def sign_up(json_data: ClinicSignUpIn) -> dict[str, Any]:
    """Open one's own clinic and become its administrator, where clinics may sign up: else 404."""
    new = _new_clinic(json_data.organisation, json_data.admin)
    try:
        user_id, pair = signup.register_clinic_program(
            new, client_address(), request.user_agent.string
        )
    except ClinicError as error:
        error.errors = _nested(error.errors)
        raise
    return tokens_of(user_id, pair)


def _new_clinic(place: OrganisationIn, admin: FirstAdminIn) -> NewClinic:
    return NewClinic(
        name=place.name,
        kind=place.kind,
        timezone=place.timezone,
        country=place.country,
        full_name=admin.full_name,
        email=admin.email,
        phone=dialled(admin.phone, PhoneNumber(country=place.country), "admin.phone"),
        password=admin.password,
        address=place.address,
        clinic_phone=dialled(place.phone, called_in(place.country), "organisation.phone"),
        clinic_email=place.email,
        emergency_number=emergency_number_of(place),
    )


def _nested(errors: Sequence[FieldError]) -> tuple[FieldError, ...]:
    """The rooms name plain fields; in this body they stand in two parts."""
    parts = dict.fromkeys(("full_name", "email", "phone", "password"), "admin")
    return tuple(
        replace(one, field=f"{parts.get(one.field, 'organisation')}.{one.field}") for one in errors
    )
