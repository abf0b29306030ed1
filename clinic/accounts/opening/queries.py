"""How far a new clinic has come."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.roles import HAVE_PROFILE
from clinic.accounts.models import User
from clinic.core.data.db import db
from clinic.doctors.models import Doctor
from clinic.events.models import EventRow
from clinic.organisations.facts import SettingsUpdated
from clinic.schedules.models import Schedule


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a new organisation has come."""

    has_looked_at_rules: bool
    has_doctors: bool
    has_colleagues: bool
    without_profile: UUID | None  # a doctor's user
    without_hours: UUID | None  # a doctor
    bookable: UUID | None  # a doctor with a profile and hours


def progress(organisation_id: UUID, user_id: UUID) -> Progress:
    """How far the organisation has come, beside the user who opened it."""
    others = sa.select(User.id).where(
        User.organisation_id == organisation_id, User.is_active, User.id != user_id
    )
    looked = sa.select(EventRow.id).where(
        EventRow.organisation_id == organisation_id, EventRow.name == SettingsUpdated.name
    )
    unknown = others.where(
        User.role.in_(HAVE_PROFILE), ~sa.exists().where(Doctor.user_id == User.id)
    )
    known = sa.select(Doctor.id).where(Doctor.organisation_id == organisation_id, Doctor.is_active)
    hours = sa.exists().where(Schedule.doctor_id == Doctor.id, Schedule.withdrawn_at.is_(None))
    row = db.session.execute(
        sa.select(
            looked.exists(),
            others.where(User.role.in_(HAVE_PROFILE)).exists(),
            others.where(User.role.not_in(HAVE_PROFILE)).exists(),
            _first(unknown, User.created_at),
            _first(known.where(~hours), Doctor.created_at),
            _first(known.where(hours), Doctor.created_at),
        )
    ).one()
    return Progress(*row)


def _first(ids: sa.Select[UUID], since: Any) -> sa.ScalarSelect[UUID]:
    return ids.order_by(since).limit(1).scalar_subquery()
