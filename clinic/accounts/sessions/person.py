"""Who is behind a request, as pages and programs know them: a copy, not a live row."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor, Asked
from clinic.access.roles import NEED_A_SECOND_FACTOR, Role
from clinic.accounts.models import TokenFamily, User, UserSession
from clinic.accounts.vocabulary import photo_version
from clinic.core import running
from clinic.core.data.trips.together import Values
from clinic.doctors.models import Doctor
from clinic.organisations.models import OrganisationSettings
from clinic.patients.models import Patient

IDLE = {Role.PATIENT: timedelta(minutes=30)}
IDLE_AT_WORK = timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)  # a write on each page view would cost more than it tells


@dataclass(frozen=True, slots=True)
class SignedIn(Asked):
    """The person behind a request, as Flask-Login's current_user: a copy, not a live row."""

    id: UUID
    token: str
    session_id: UUID
    role: str
    organisation_id: UUID | None
    full_name: str
    email: str | None
    phone: str | None
    timezone: str | None
    language: str
    photo_key: str | None
    doctor_id: UUID | None
    patient_id: UUID | None
    seen_at: datetime
    has_proven: bool  # an address of theirs
    must_enrol: bool  # a second factor is insisted on, and there is none yet
    is_authenticated: bool = True  # not while locked: then nothing but the password counts
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def is_locked(self) -> bool:
        """Idle for too long: the screen locks in place."""
        return not self.is_authenticated

    def get_id(self) -> str:
        """What Flask-Login puts into the cookie: never the user's id, which cannot be ended."""
        return self.token

    @property
    def actor(self) -> Actor:
        return Actor(
            role=self.role,
            user_id=self.id,
            organisation_id=self.organisation_id,
            doctor_id=self.doctor_id,
            patient_id=self.patient_id,
        )

    @property
    def initials(self) -> str:
        words = self.full_name.removeprefix("Dr ").split()
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()

    @property
    def photo_version(self) -> str | None:
        return photo_version(self.photo_key)

    @property
    def idle_seconds(self) -> int:
        return int(idle_limit(self.role).total_seconds())

    def copy(self) -> Self:
        """Itself, out of Flask-Login's proxy, for use after the request."""
        return replace(self)


# The person as pages and programs know them; whoever selects it joins what it comes from, and gives
# the values of `insisted`.
PERSON: tuple[Any, ...] = (
    User.id,
    User.role,
    User.organisation_id,
    User.full_name,
    User.email,
    User.phone,
    User.timezone,
    User.language,
    User.photo_key,
    Doctor.id.label("doctor_id"),
    Patient.id.label("patient_id"),
    sa.or_(User.email_verified_at.is_not(None), User.phone_verified_at.is_not(None)).label(
        "has_proven"
    ),
    sa.and_(
        User.totp_enabled_at.is_(None),
        sa.func.coalesce(
            OrganisationSettings.two_factor_required,
            sa.and_(
                User.role.in_(sorted(NEED_A_SECOND_FACTOR)),
                sa.bindparam("in_production", type_=sa.Boolean),
            ),
        ),
    ).label("must_enrol"),
)


def insisted() -> Values:
    """Of whom a second factor is asked at no organisation: superadmins of a real installation."""
    return {"in_production": running.settings().production}


def joined(
    query: sa.Select[*tuple[Any, ...]], table: type[UserSession | TokenFamily]
) -> sa.Select[*tuple[Any, ...]]:
    """The query with the rooms that PERSON needs."""
    return (
        query.join(User, User.id == table.user_id)
        .outerjoin(Doctor, Doctor.user_id == User.id)
        .outerjoin(Patient, Patient.user_id == User.id)
        .outerjoin(
            OrganisationSettings, OrganisationSettings.organisation_id == User.organisation_id
        )
    )


def idle_limit(role: str) -> timedelta:
    return IDLE.get(Role(role), IDLE_AT_WORK)
