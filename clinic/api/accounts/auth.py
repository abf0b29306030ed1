"""Sign in and up, refresh, sign out: who a program acts for."""

from typing import Annotated, Any
from uuid import UUID

from flask import request
from flask_login import current_user
from pydantic import AliasChoices, Field

from clinic.access.roles import Role
from clinic.accounts.own import queries as own_queries
from clinic.accounts.own.queries import Me
from clinic.accounts.sessions import programs
from clinic.accounts.sessions.programs import Pair
from clinic.accounts.signin import service
from clinic.api.frame import In, Out, Resource, example
from clinic.core.errors import N_, Forbidden
from clinic.core.fields import LONGEST_EMAIL, KnownPassword, Text
from clinic.core.web.security import client_address, public, signed_in

bp = Resource("auth", tag="Authentication")

ASHA = {
    "id": "7d0f9c7e-54a4-4bb1-9a53-6a0a6a2f4a10",
    "email": "asha@example.org",
    "phone": "+447400123456",
    "full_name": "Asha Rao",
    "role": "patient",
    "organisation_id": None,
    "is_active": True,
    "timezone": "Europe/London",
}
CREDENTIALS = {"email": "asha@example.org", "password": "three quiet harbours"}


class LoginIn(In):
    email: Annotated[str, Text()] = Field(
        validation_alias=AliasChoices("email", "username"), min_length=1, max_length=LONGEST_EMAIL
    )
    password: KnownPassword
    otp: Annotated[str, Text(20)] | None = Field(
        None, description="The code of the authenticator app, or a recovery code"
    )
    # OAuth 2 clients send these along with a form; there is one grant and no scopes.
    grant_type: Annotated[str, Text(40)] | None = Field(None, exclude=True)
    scope: Annotated[str, Text(200)] | None = Field(None, exclude=True)

    model_config = example(CREDENTIALS)


class RefreshIn(In):
    refresh_token: str = Field(min_length=1, max_length=2000)

    model_config = example({"refresh_token": "eyJhbGciOi..."})


class UserOut(Out):
    id: UUID
    email: str | None = Field(description="null once somebody else has proven it")
    phone: str | None
    full_name: str
    role: str
    organisation_id: UUID | None
    is_active: bool
    timezone: str

    model_config = example(ASHA)


class AuthOut(Out):
    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 - the kind of token, by RFC 6750
    expires_in: int = Field(description="Seconds until the access token ends")
    user: UserOut

    model_config = example(
        {
            "access_token": "eyJhbGciOi...",
            "refresh_token": "eyJhbGciOi...",
            "token_type": "bearer",
            "expires_in": 900,
            "user": ASHA,
        }
    )


@bp.post("/auth/login")
@bp.post("/auth/token")
@public
@bp.input(LoginIn, location="json_or_form")
@bp.output(AuthOut)
def login(json_or_form_data: LoginIn) -> dict[str, Any]:
    """Sign anybody in, by JSON or form."""
    return _sign_in(json_or_form_data)


@bp.post("/auth/patient/login")
@public
@bp.input(LoginIn)
@bp.output(AuthOut)
def login_patient(json_data: LoginIn) -> dict[str, Any]:
    """Sign a patient in; others are refused here."""
    return _sign_in(json_data, Role.PATIENT)


@bp.post("/auth/doctor/login")
@public
@bp.input(LoginIn)
@bp.output(AuthOut)
def login_doctor(json_data: LoginIn) -> dict[str, Any]:
    """Sign a doctor in; others are refused here."""
    return _sign_in(json_data, Role.DOCTOR)


@bp.post("/auth/refresh")
@public
@bp.input(RefreshIn)
@bp.output(AuthOut)
def refresh(json_data: RefreshIn) -> dict[str, Any]:
    """Change a refresh token into a new pair. Used twice, it ends all tokens made from it."""
    pair, user_id = programs.refresh(json_data.refresh_token)
    return tokens_of(user_id, pair)


@bp.post("/auth/logout")
@signed_in
@bp.doc(responses={204: "Both tokens are ended"})
def logout() -> tuple[str, int]:
    """End the tokens in use."""
    service.end_program(current_user.session_id, current_user.actor)
    return "", 204


@bp.get("/auth/me")
@signed_in
@bp.output(UserOut)
def me() -> Me:
    """Who the token acts for."""
    return own_queries.account_of(current_user.id)


def _sign_in(given: LoginIn, only: Role | None = None) -> dict[str, Any]:
    known = service.recognise(given.email, given.password, client_address())
    if only and not known.actor.may(frozenset({only})):
        words = N_("This login is for accounts of role %(role)s. Use /api/v1/auth/login.")
        raise Forbidden(words, role=only)
    service.check_code(known, given.otp, client_address())
    return tokens_of(known.user_id, service.open_program(known, request.user_agent.string))


def tokens_of(user_id: UUID, pair: Pair) -> dict[str, Any]:
    """An AuthOut."""
    return {
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "expires_in": pair.expires_in,
        "user": own_queries.account_of(user_id),
    }
