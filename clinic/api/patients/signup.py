"""A patient signs up by program."""

from typing import Any

from flask import request
from pydantic import Field

from clinic.api.accounts.auth import CREDENTIALS, AuthOut, tokens_of
from clinic.api.consents.consents import AGREED, TextWords
from clinic.api.frame import In, Phone, Resource, example
from clinic.core import running
from clinic.core.fields import Email, Name, Password
from clinic.core.web.security import client_address, public
from clinic.messaging.consents import words as text_words
from clinic.patients.signup import service
from clinic.patients.signup.service import NewPatient

bp = Resource("patient_signup", tag="Authentication")


class SignUpIn(In):
    full_name: Name
    email: Email
    phone: Phone
    password: Password
    text_words: TextWords | None = Field(None, description=AGREED)

    model_config = example({**CREDENTIALS, "full_name": "Asha Rao", "phone": "+447400123456"})


@bp.post("/auth/patient/signup")
@bp.post("/auth/register/patient")
@public
@bp.input(SignUpIn)
@bp.output(AuthOut, 201)
def sign_up(json_data: SignUpIn) -> dict[str, Any]:
    """Register a patient."""
    site = running.registered("sites").known()
    agreed = text_words.agreed(site, json_data.text_words, "api")
    new = NewPatient(
        json_data.full_name, json_data.email, json_data.phone, json_data.password, agreed
    )
    user_id, pair = service.sign_up_program(new, client_address(), request.user_agent.string)
    return tokens_of(user_id, pair)
