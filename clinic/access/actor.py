"""Who does it, and the questions asked about them."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic.access import roles
from clinic.access.roles import SYSTEM, Ability, Role


class _HasRole(Protocol):
    @property
    def role(self) -> str: ...


class Asked:
    """What rooms, pages and templates ask of somebody instead of comparing their role."""

    __slots__ = ()

    def may(self: _HasRole, ability: Ability) -> bool:
        """`ability` is one of the sets of `access.roles`."""
        return roles.may(self.role, ability)

    def may_give(self: _HasRole, role: str) -> bool:
        """Whether they give accounts of that role to others, and look after them."""
        return role in roles.given_by(self.role)

    @property
    def is_patient(self: _HasRole) -> bool:
        return self.role == Role.PATIENT

    @property
    def is_doctor(self: _HasRole) -> bool:
        return self.role == Role.DOCTOR


@dataclass(frozen=True, slots=True)
class Actor(Asked):
    """Who does it: passed to every command and written into every event."""

    role: str
    user_id: UUID | None = None
    organisation_id: UUID | None = None
    doctor_id: UUID | None = None
    patient_id: UUID | None = None
    via: str | None = None  # "reply", "link": how, where it is not a signed-in page


THE_SYSTEM = Actor(role=SYSTEM)
