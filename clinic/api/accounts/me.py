"""The account that a program acts for: its name, language, zone, email and phone."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from apiflask.fields import UploadFile
from flask_login import current_user
from pydantic import Field, model_validator

from clinic.accounts.addresses import contact
from clinic.accounts.errors import NoAddress, WeakPassword
from clinic.accounts.own import photo as photos
from clinic.accounts.own import profile
from clinic.accounts.own import queries as own_queries
from clinic.accounts.own.queries import Me
from clinic.accounts.proof import checks
from clinic.accounts.recovery import service as recovery
from clinic.api.accounts.auth import ASHA, UserOut
from clinic.api.bodies import dialled
from clinic.api.consents.consents import AGREED, TextWords
from clinic.api.frame import In, Resource, actor, example
from clinic.core.errors import N_, Wrong
from clinic.core.fields import (
    LONGEST_LANGUAGE,
    LONGEST_ZONE,
    Email,
    KnownPassword,
    LocalPhone,
    Name,
    Password,
    PhoneNumber,
    Text,
)
from clinic.core.web.security import client_address, signed_in, takes_up_to
from clinic.messaging.consents import words as text_words
from clinic.organisations import queries as organisations
from clinic.organisations.site.queries import for_person

bp = Resource("me", tag="Users")

LARGEST_PHOTO = 2 * 1024 * 1024
AROUND_IT = 64 * 1024  # what a multipart body says besides


class MeOut(UserOut):
    language: str
    has_photo: bool
    email_verified: bool
    phone_verified: bool
    two_factor: bool
    email_before: str | None = Field(
        description="An administrator entered `email`: links go here until its owner agrees"
    )
    email_waits_until: datetime | None = Field(description="Or until then")
    text_stop: str | None = Field(
        description="Why no texts go to the phone: opted_out, unreachable; null where they do"
    )

    model_config = example(
        {
            **ASHA,
            "language": "en",
            "has_photo": False,
            "email_verified": True,
            "phone_verified": False,
            "two_factor": False,
            "email_before": None,
            "email_waits_until": None,
            "text_stop": None,
        }
    )


class MeIn(In):
    full_name: Name | None = None
    language: Annotated[str, Text(LONGEST_LANGUAGE)] | None = None
    timezone: Annotated[str, Text(LONGEST_ZONE)] | None = None
    email: Email | None = Field(None, description="Counts once the code sent to it is entered")
    phone: LocalPhone | None = Field(None, description="Counts once the code sent to it is entered")
    current_password: KnownPassword | None = Field(
        None, description="Needed with a new email or phone"
    )
    text_words: TextWords | None = Field(None, description=AGREED)

    model_config = example({"full_name": "Asha Rao", "timezone": "Europe/London"})

    @model_validator(mode="after")
    def _ask_again(self) -> "MeIn":
        if (self.email or self.phone) and not self.current_password:
            raise Wrong("incomplete", N_("A new email or phone needs current_password"))
        return self


Kind = Literal["email", "phone"]


class KindIn(In):
    kind: Kind

    model_config = example({"kind": "email"})


class CodeIn(In):
    kind: Kind
    code: Annotated[str, Text(12, least=6)]

    model_config = example({"kind": "phone", "code": "123456"})


class PasswordIn(In):
    current_password: KnownPassword
    new_password: Password

    model_config = example(
        {"current_password": "three quiet harbours", "new_password": "four quiet harbours"}
    )


class PhotoIn(In):
    photo: UploadFile


@bp.get("/users/me")
@signed_in
@bp.output(MeOut)
def show() -> Me:
    """The account that a program acts for: its name, language, zone, email and phone."""
    return own_queries.account_of(current_user.id)


@bp.patch("/users/me")
@signed_in
@bp.input(MeIn)
@bp.output(MeOut)
def update(json_data: MeIn) -> Me:
    """Change name, language or time zone; have a code sent to a new email or phone."""
    user_id = current_user.id
    changes = json_data.model_dump(exclude_none=True)
    if json_data.phone:
        changes["phone"] = _dialled(json_data.phone)
    targets = {kind: changes.pop(kind) for kind in contact.KINDS if kind in changes}
    password = changes.pop("current_password", None)
    said = changes.pop("text_words", None)
    agreed = text_words.agreed(for_person(user_id), said, "api", user_id) if said else None
    if targets:
        checks.confirm_password(user_id, password or "", client_address())
    if changes:
        profile.update_own(user_id, changes, actor())
    for kind, target in targets.items():
        to_texts = agreed if kind == "phone" else None
        contact.send_code(user_id, kind, target, client_address(), to_texts)
    return own_queries.account_of(user_id)


def _dialled(phone: str) -> str | None:
    """As the country of one's own clinic writes it. Raises InvalidInput."""
    return dialled(phone, PhoneNumber(country=organisations.country_for(actor().organisation_id)))


@bp.post("/users/me/verify/send")
@signed_in
@bp.input(KindIn)
@bp.doc(responses={204: "A code is on its way to the email or phone that the account has"})
def send_code(json_data: KindIn) -> tuple[str, int]:
    """Have a code sent that proves the email or phone one's account has.

    409 `no_address` where it has none. A new one is entered by `PATCH /users/me`.
    """
    kind = json_data.kind
    target = current_user.phone if kind == "phone" else current_user.email
    if target is None:
        raise NoAddress
    if kind == "phone":
        _dialled(target)  # one that was kept before there were rules for it
    contact.send_code(current_user.id, kind, target, client_address())
    return "", 204


@bp.post("/users/me/verify")
@signed_in
@bp.input(CodeIn)
@bp.output(MeOut)
def verify(json_data: CodeIn) -> Me:
    """Enter the code that proves an email or phone.

    400 `wrong_code`; 409 `already_in_use` where somebody else has proven that address.
    """
    profile.prove(current_user.id, json_data.kind, json_data.code, client_address(), actor())
    return own_queries.account_of(current_user.id)


@bp.delete("/users/me/text-stop")
@signed_in
@bp.doc(responses={204: "Texts go to your phone again; it must be verified"})
def allow_texts() -> tuple[str, int]:
    """Allow texts to one's own number again."""
    profile.allow_texts(current_user.id)
    return "", 204


@bp.post("/users/me/password")
@signed_in
@bp.input(PasswordIn)
@bp.doc(responses={204: "Changed; all other sessions and tokens are ended"})
def change_password(json_data: PasswordIn) -> tuple[str, int]:
    """Change one's password."""
    try:
        recovery.change_password(
            current_user.id,
            current_user.session_id,
            json_data.current_password,
            json_data.new_password,
            client_address(),
            actor(),
        )
    except WeakPassword as error:
        error.errors = tuple(replace(one, field="new_password") for one in error.errors)
        raise
    return "", 204


@bp.post("/users/me/photo")
@takes_up_to(LARGEST_PHOTO + AROUND_IT)
@signed_in
@bp.input(PhotoIn, location="files")
@bp.output(MeOut)
def upload_photo(files_data: PhotoIn) -> Me:
    """Send a photo: JPEG, PNG or WebP, 2 MiB at most. It is made anew, without its metadata."""
    photos.save_photo(current_user.id, files_data.photo.read(), actor())
    return own_queries.account_of(current_user.id)


@bp.delete("/users/me/photo")
@signed_in
@bp.doc(responses={204: "There is none any more"})
def remove_photo() -> tuple[str, int]:
    """Remove one's photo."""
    photos.remove_photo(current_user.id, actor())
    return "", 204
