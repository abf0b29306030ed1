"""Whose profile may be kept, what stands in it, and who has none yet."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import HAVE_PROFILE
from clinic.accounts.models import InvitedDoctor, User
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.doctors import queries
from clinic.doctors.models import Doctor
from clinic.doctors.profiles import KEPT
from clinic.doctors.queries import Profile


@dataclass(frozen=True, slots=True)
class Kept:
    """A user of role doctor; `profile` is None before the first one.

    `known`: what the invitation said, by the names of a profile.
    """

    user_id: UUID
    full_name: str
    profile: Profile | None
    known: dict[str, Any]


def kept(doctor_or_user_id: UUID, actor: Actor) -> Kept:
    """By the doctor's id, or by the user's while there is no doctor. Raises NotFound."""
    row = db.session.execute(
        sa.select(User.id, User.full_name, Doctor.id.label("doctor_id"))
        .outerjoin(Doctor, Doctor.user_id == User.id)
        .where(
            sa.or_(User.id == doctor_or_user_id, Doctor.id == doctor_or_user_id),
            User.role.in_(HAVE_PROFILE),
            KEPT.to(actor),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    if row.doctor_id:
        return Kept(row.id, row.full_name, queries.of_user(row.id), {})
    return Kept(row.id, row.full_name, None, _known(row.id))


def _known(user_id: UUID) -> dict[str, Any]:
    said = db.session.get(InvitedDoctor, user_id)
    if said is None:
        return {}
    names = ("specialisations", "licence_number", "languages")
    return {name: getattr(said, name) for name in names if getattr(said, name)}


def place_said(doctor_id: UUID) -> UUID | None:
    """Where the doctor's invitation said they would work."""
    return db.session.scalar(
        sa.select(InvitedDoctor.location_id)
        .join(Doctor, Doctor.user_id == InvitedDoctor.user_id)
        .where(Doctor.id == doctor_id)
    )


def without_profile(actor: Actor) -> list[tuple[UUID, str]]:
    """Ids and names of the users of their organisation that nobody finds yet, by name."""
    rows = db.session.execute(
        sa.select(User.id, User.full_name)
        .outerjoin(Doctor, Doctor.user_id == User.id)
        .where(
            Doctor.id.is_(None),
            User.organisation_id == actor.organisation_id,
            User.role.in_(HAVE_PROFILE),
            User.is_active,
            KEPT.to(actor),
        )
        .order_by(User.full_name)
    )
    return [(row.id, row.full_name) for row in rows]


def refuse_hours_of_others(doctor_id: UUID, actor: Actor) -> None:
    """Raises NotFound for a doctor whose hours the actor may not see."""
    if not db.session.scalar(
        sa.select(Doctor.id).where(Doctor.id == doctor_id, queries.HOURS.to(actor))
    ):
        raise NotFound
