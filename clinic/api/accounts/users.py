"""Accounts, for those who look after them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from clinic.access.roles import MANAGE_ACCOUNTS
from clinic.accounts.people import newcomers, queries, users
from clinic.accounts.people.newcomers import KnownDoctor, NewUser
from clinic.accounts.people.queries import SHORTEST_SEARCH, Account, Filter
from clinic.api.bodies import dialled, left_out
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    page,
)
from clinic.api.reading import InvalidInput
from clinic.api.visits import MEANING, Visits, VisitsQuery, chosen
from clinic.core.errors import N_, FieldError
from clinic.core.fields import (
    LONGEST_NAME,
    Email,
    Language,
    Line,
    LocalPhone,
    Name,
    Password,
    PhoneNumber,
    Text,
    Zone,
)
from clinic.core.saying import language_code
from clinic.core.web.security import access
from clinic.doctors.models import LONGEST_LICENCE
from clinic.doctors.vocabulary import specialisation
from clinic.organisations import queries as organisations

bp = Resource("users", tag="Users")

MOST_WORDS = 20  # as of a profile
RoleName = Literal["superadmin", "admin", "staff", "doctor", "patient"]

ESHA = {
    "email": "esha@example.org",
    "full_name": "Esha Gill",
    "role": "staff",
    "phone": "+447400123457",
    "language": "en",
}
ACCOUNT = {
    **ESHA,
    "id": "1f2d6c1e-6a55-4e0f-8c1d-0f6a3f0f2b11",
    "organisation_id": "0b1f3f76-8a0e-4c59-8d8b-6e1b8d7a2c10",
    "is_active": True,
    "timezone": "Europe/London",
    "is_invited": True,
    "has_two_factor": False,
    "email_verified_at": None,
    "phone_verified_at": None,
    "created_at": "2026-11-16T06:30:00Z",
}


class KnownDoctorIn(In):
    specialisations: list[str] = Field(
        default_factory=list, max_length=MOST_WORDS, description="Slugs or usual words"
    )
    licence_number: Annotated[str, Line(LONGEST_LICENCE, least=1)] | None = None
    languages: list[str] = Field(
        default_factory=list, max_length=MOST_WORDS, description="ISO 639-1, or English names"
    )
    location_id: UUID | None = Field(None, description="Where their hours begin")

    model_config = example({"specialisations": ["cardiology"], "licence_number": "GMC-7001"})


class UserIn(In):
    email: Email
    full_name: Name
    role: RoleName
    phone: LocalPhone | None = None
    password: Password | None = Field(
        None, description="Without one, an e-mail invites them to choose their own"
    )
    organisation_id: UUID | None = Field(
        None, description="Where they work; may be left out where there is only one to choose"
    )
    is_active: bool = True
    language: Language = "en"
    timezone: Zone | None = Field(None, description="Without one, the organisation's")
    doctor: KnownDoctorIn | None = Field(
        None, description="What is known of a doctor: their profile begins with it"
    )

    model_config = example(ESHA)


class UserPatch(In):
    """What is left out stays as it is; only phone and timezone may be null."""

    email: Email = left_out()
    full_name: Name = left_out()
    role: RoleName = left_out(description="Another role ends their sessions and tokens")
    phone: LocalPhone | None = None
    organisation_id: UUID = left_out(description="Only for who was superadmin until now")
    is_active: bool = left_out()
    language: Language = left_out()
    timezone: Zone | None = None
    visits: Visits | None = Field(None, description=f"Of a doctor who leaves. {MEANING}")

    model_config = example({"role": "admin"})


class UserQuery(PageQuery):
    q: Annotated[str, Text(LONGEST_NAME, least=SHORTEST_SEARCH)] | None = Field(
        None, description="Name, e-mail or phone"
    )
    role: RoleName | None = None
    is_active: bool | None = None
    organisation_id: UUID | None = None


class AccountOut(Out):
    id: UUID
    email: str
    phone: str | None
    full_name: str
    role: str
    organisation_id: UUID | None
    is_active: bool
    is_invited: bool = Field(description="Has not chosen a password yet")
    has_two_factor: bool
    language: str
    timezone: str
    email_verified_at: datetime | None
    phone_verified_at: datetime | None
    created_at: datetime

    model_config = example(ACCOUNT)


class AccountPage(PageOf[AccountOut]):
    model_config = example({"items": [ACCOUNT], "next_cursor": None})


@bp.get("/users")
@access(*MANAGE_ACCOUNTS)
@bp.input(UserQuery, location="query")
@bp.output(AccountPage)
def index(query_data: UserQuery) -> dict[str, Any]:
    """Accounts, newest first: all of them for superadmins, else those of the organisation."""
    asked = Filter(
        q=query_data.q or "",
        role=query_data.role or "",
        is_active=query_data.is_active,
        organisation_id=query_data.organisation_id,
    )
    return page(queries.accounts(actor(), asked, query_data.paging))


@bp.post("/users")
@access(*MANAGE_ACCOUNTS)
@honours_key
@bp.input(UserIn)
@bp.output(AccountOut, 201)
def create(json_data: UserIn) -> Account:
    """Give somebody an account; without a password an invitation is sent."""
    given = json_data.model_dump(exclude={"phone", "doctor"})
    place = json_data.organisation_id or actor().organisation_id
    phone = dialled(json_data.phone, PhoneNumber(country=organisations.country_for(place)))
    new = NewUser(**given, phone=phone, doctor=_known(json_data.doctor))
    password_hash = newcomers.hashed(new, actor())  # slow: before `once` opens a transaction
    user_id = once(lambda: newcomers.store(new, password_hash, actor()), json_data)
    return queries.account(actor(), UUID(user_id))


def _known(said: KnownDoctorIn | None) -> KnownDoctor | None:
    """Raises InvalidInput."""
    if said is None:
        return None
    return KnownDoctor(
        _found("specialisations", specialisation, said.specialisations),
        said.licence_number,
        _found("languages", language_code, said.languages),
        said.location_id,
    )


def _found(field: str, find: Callable[[str], str | None], words: Sequence[str]) -> tuple[str, ...]:
    """What we call each word, once."""
    found = [find(word) for word in words]
    if None in found:
        unknown = N_("One of these words is not known.")
        raise InvalidInput(errors=[FieldError(f"doctor.{field}", "unknown", unknown)])
    return tuple(dict.fromkeys(one for one in found if one))


@bp.get("/users/<uuid:user_id>")
@access(*MANAGE_ACCOUNTS)
@bp.output(AccountOut)
def show(user_id: UUID) -> Account:
    """One account."""
    return queries.account(actor(), user_id)


@bp.patch("/users/<uuid:user_id>")
@access(*MANAGE_ACCOUNTS)
@bp.input(UserPatch)
@bp.input(VisitsQuery, location="query")
@bp.output(AccountOut)
def update(user_id: UUID, json_data: UserPatch, query_data: VisitsQuery) -> Account:
    """Change an account. A new address or number is not proven; a new role signs them out."""
    changes = json_data.model_dump(exclude_unset=True, exclude={"visits"})
    if changes.get("phone"):
        known = queries.account(actor(), user_id)
        country = organisations.country_for(known.organisation_id)
        kind = PhoneNumber(country=country, kept=lambda: (known.phone,))
        changes["phone"] = dialled(changes["phone"], kind)
    users.update(user_id, changes, actor(), chosen(query_data, json_data))
    return queries.account(actor(), user_id)


@bp.post("/users/<uuid:user_id>/end-sessions")
@access(*MANAGE_ACCOUNTS)
@bp.doc(responses={204: "All their sessions and tokens are ended; they may log in again"})
def end_sessions(user_id: UUID) -> tuple[str, int]:
    """Sign somebody out of every browser and program."""
    users.end_sessions(user_id, actor())
    return "", 204


@bp.post("/users/<uuid:user_id>/invite")
@access(*MANAGE_ACCOUNTS)
@bp.doc(responses={204: "A new link is on its way; the one before has ended"})
def invite(user_id: UUID) -> tuple[str, int]:
    """Invite somebody again who has not chosen a password yet.

    409 `not_waiting` for who has; five an hour, then 429.
    """
    users.resend_invitation(user_id, actor())
    return "", 204


@bp.delete("/users/<uuid:user_id>")
@access(*MANAGE_ACCOUNTS)
@bp.input(VisitsQuery, location="query")
@bp.doc(responses={204: "Deactivated; all their sessions and tokens are ended"})
def deactivate(user_id: UUID, query_data: VisitsQuery) -> tuple[str, int]:
    """Deactivate an account. Nobody can deactivate their own, or the last administrator's."""
    users.deactivate(user_id, actor(), query_data.visits)
    return "", 204
