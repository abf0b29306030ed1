"""How far a new clinic has come."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.access.roles import HAVE_PROFILE
from clinic.accounts.models import User
from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.organisations.facts import SettingsUpdated
from clinic.schedules.models import Schedule


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a new organisation has come."""

    has_looked_at_rules: bool
    has_doctors: bool
    has_colleagues: bool
    has_hours: bool


def progress(organisation_id: UUID, user_id: UUID) -> Progress:
    """How far the organisation has come, beside the user who opened it."""
    others = sa.select(User.id).where(
        User.organisation_id == organisation_id, User.is_active, User.id != user_id
    )
    looked = sa.select(EventRow.id).where(
        EventRow.organisation_id == organisation_id, EventRow.name == SettingsUpdated.name
    )
    hours = sa.select(sa.literal(1)).where(
        Schedule.organisation_id == organisation_id, Schedule.withdrawn_at.is_(None)
    )
    row = db.session.execute(
        sa.select(
            looked.exists(),
            others.where(User.role.in_(HAVE_PROFILE)).exists(),
            others.where(User.role.not_in(HAVE_PROFILE)).exists(),
            hours.exists(),
        )
    ).one()
    return Progress(*row)
