"""Back into an account by what was sent to its mailbox: a reset, an invitation, a question.

The token is the last part of the link in the letter.
"""

from typing import Annotated

from pydantic import Field

from clinic.accounts.addresses import entered
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.recovery import service as recovery
from clinic.api.frame import In, Resource, example
from clinic.core.fields import LONGEST_EMAIL, Password, Text
from clinic.core.web.security import client_address, public

bp = Resource("recovery", tag="Authentication")

LONGEST_TOKEN = 100
Token = Annotated[
    str, Text(LONGEST_TOKEN, least=1), Field(description="The last part of the link in the letter")
]
TOKEN = "q0Zr3mA1x9hT7uYbVd5w2g"  # noqa: S105 - an example


class ForgottenIn(In):
    email: Annotated[str, Text(LONGEST_EMAIL, least=1)]

    model_config = example({"email": "asha@example.org"})


class NewPasswordIn(In):
    token: Token
    password: Password

    model_config = example({"token": TOKEN, "password": "four quiet harbours"})


class AnswerIn(In):
    token: Token
    is_right: bool = Field(description="false: the address before is the account's again")

    model_config = example({"token": TOKEN, "is_right": True})


@bp.post("/auth/forgot")
@public
@bp.input(ForgottenIn)
@bp.doc(responses={204: "The same whether or not anybody has that address"})
def forgot(json_data: ForgottenIn) -> tuple[str, int]:
    """Have a letter with a link to a new password sent, if the address is anybody's.

    The answer and the time it takes never tell. Three an hour: then 429.
    """
    recovery.forget(json_data.email, client_address())
    return "", 204


@bp.post("/auth/reset")
@public
@bp.input(NewPasswordIn)
@bp.doc(responses={204: "Set; all sessions and tokens are ended. Log in with it"})
def reset(json_data: NewPasswordIn) -> tuple[str, int]:
    """Choose a new password by the link of a letter, which works once.

    400 `link_spent` for one that was used, replaced or is an hour old, `weak_password` for one that
    is guessed first: the link lives on. 409 `address_of_another` where somebody else has proven the
    address meanwhile. Two-factor stays on.
    """
    recovery.set_password(json_data.token, Purpose.RESET, json_data.password)
    return "", 204


@bp.post("/auth/invitation")
@public
@bp.input(NewPasswordIn)
@bp.doc(responses={204: "Set. Log in with it"})
def accept_invitation(json_data: NewPasswordIn) -> tuple[str, int]:
    """Choose the first password by the link of an invitation, which works once.

    Errors are those of a reset; it lives for a week.
    """
    recovery.set_password(json_data.token, Purpose.INVITATION, json_data.password)
    return "", 204


@bp.post("/auth/contact")
@public
@bp.input(AnswerIn)
@bp.doc(responses={204: "The link is spent. After a no everybody is signed out"})
def answer_contact(json_data: AnswerIn) -> tuple[str, int]:
    """Say whether the address that an administrator entered is right, by the link in its letter."""
    entered.accept(json_data.token) if json_data.is_right else entered.refuse(json_data.token)
    return "", 204
