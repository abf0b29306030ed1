"""One's own second factor: begun, switched on by its first code, and off again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from flask_login import current_user
from pydantic import Field

from clinic.accounts.errors import NotYourCode, WrongOtp
from clinic.accounts.own import queries as own_queries
from clinic.accounts.own.security import service as security
from clinic.accounts.proof import checks, two_factor
from clinic.api.frame import In, Out, Resource, actor, example
from clinic.core.fields import KnownPassword, Text
from clinic.core.web.security import client_address, signed_in

bp = Resource("two_factor", tag="Authentication")

STATE = {
    "is_on": True,
    "is_required": False,
    "email_verified": True,
    "recovery_codes_left": 10,
}


class TwoFactorOut(Out):
    is_on: bool
    is_required: bool = Field(description="By the organisation or the role: it cannot be off")
    email_verified: bool = Field(description="Without it two-factor cannot be begun: 409")
    recovery_codes_left: int

    model_config = example(STATE)


class EnrolmentOut(Out):
    secret: str = Field(description="For who types it into the app; another one each time")
    otpauth_uri: str = Field(description="What the app scans once it is drawn as a QR code")

    model_config = example(
        {
            "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            "otpauth_uri": "otpauth://totp/Clinic:asha%40example.org?secret=JBSWY3DP...&issuer=Clinic",
        }
    )


class BothIn(In):
    """What two-factor asks for, both at once."""

    password: KnownPassword
    otp: Annotated[str, Text(20, least=1)]

    model_config = example({"password": "three quiet harbours", "otp": "123456"})


class RecoveryCodesOut(Out):
    recovery_codes: list[str] = Field(description="Each works once. They are told only here")

    model_config = example({"recovery_codes": ["abcde-fghjk", "mnpqr-stuvw"]})


@bp.get("/auth/two-factor")
@signed_in
@bp.output(TwoFactorOut)
def show() -> dict[str, object]:
    """Whether one's own account asks for a code after the password."""
    me = own_queries.account_of(current_user.id)
    return {
        "is_on": me.two_factor,
        "is_required": two_factor.is_required(me.role, me.organisation_id),
        "email_verified": me.email_verified,
        "recovery_codes_left": two_factor.codes_left(me.id) if me.two_factor else 0,
    }


@bp.post("/auth/two-factor/begin")
@signed_in
@bp.output(EnrolmentOut)
def begin() -> dict[str, str]:
    """A secret for an authenticator app. Nothing changes until its first code comes back.

    409 `email_not_proven` before the e-mail address is verified, `two_factor_on` where it is on.
    """
    begun = two_factor.begin(current_user.id)
    return {"secret": begun.secret, "otpauth_uri": begun.uri}


@bp.post("/auth/two-factor/on")
@signed_in
@bp.input(BothIn)
@bp.output(RecoveryCodesOut)
def switch_on(json_data: BothIn) -> dict[str, list[str]]:
    """Switch it on by a code of the app. All other browsers and programs are signed out.

    403 `wrong_password`, `wrong_otp`; 409 `two_factor_on`.
    """
    _confirm(json_data)
    who, here = current_user.id, current_user.session_id
    with _of_who_is_signed_in():
        codes = two_factor.switch_on(who, here, json_data.otp, actor())
    return {"recovery_codes": codes}


@bp.post("/auth/two-factor/codes")
@signed_in
@bp.input(BothIn)
@bp.output(RecoveryCodesOut)
def renew_codes(json_data: BothIn) -> dict[str, list[str]]:
    """Make new recovery codes; all older ones end. One of those does as well as one of the app.

    403 `wrong_password`, `wrong_otp`; 409 `two_factor_off` where there is nothing to recover.
    """
    _confirm(json_data)
    who, otp = current_user.id, json_data.otp
    with _of_who_is_signed_in():
        codes = security.renew_recovery_codes(who, otp, client_address(), actor())
    return {"recovery_codes": codes}


@bp.post("/auth/two-factor/off")
@signed_in
@bp.input(BothIn)
@bp.doc(responses={204: "It is off"})
def switch_off(json_data: BothIn) -> tuple[str, int]:
    """Switch it off. A recovery code does as well as one of the app.

    403 `wrong_password`, `wrong_otp`; 409 `two_factor_required` where it is insisted on.
    """
    _confirm(json_data)
    who, otp = current_user.id, json_data.otp
    with _of_who_is_signed_in():
        security.switch_off_two_factor(who, otp, client_address(), actor())
    return "", 204


def _confirm(given: BothIn) -> None:
    checks.confirm_password(current_user.id, given.password, client_address())


@contextmanager
def _of_who_is_signed_in() -> Iterator[None]:
    """A wrong code is no reason to log in again, as 401 would say."""
    try:
        yield
    except WrongOtp:
        raise NotYourCode from None
