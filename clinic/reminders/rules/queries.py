"""The rules of an organisation, as those who run it see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import NotFound
from clinic.organisations.models import Organisation
from clinic.organisations.queries import VISIBLE
from clinic.reminders import quiet
from clinic.reminders.models import ReminderRule, ReminderSettings, Replanning


@dataclass(frozen=True, slots=True)
class Listed:
    id: UUID
    minutes_before: int
    channel: str
    audience: str
    label: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Hours:
    """In minutes after midnight, on the organisation's clock."""

    quiet_from: int
    quiet_to: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the last change: how many reminders of visits to come were planned, moved, withdrawn."""

    since: datetime
    is_done: bool
    planned: int
    moved: int
    withdrawn: int


_LISTED = tuple(getattr(ReminderRule, name) for name in Listed.__dataclass_fields__)


def rules(organisation_id: UUID, actor: Actor) -> list[Listed]:
    """The earliest first; there are ten at most. Raises NotFound."""
    see(organisation_id, actor)
    rows = db.session.execute(
        sa.select(*_LISTED)
        .where(ReminderRule.organisation_id == organisation_id)
        .order_by(ReminderRule.minutes_before.desc(), ReminderRule.audience, ReminderRule.channel)
    )
    return [_listed(row) for row in rows]


def page(organisation_id: UUID, actor: Actor, paging: Paging) -> Page[Listed]:
    """The earliest first. Raises NotFound, BadCursor."""
    see(organisation_id, actor)
    query = sa.select(*_LISTED).where(ReminderRule.organisation_id == organisation_id)
    found = page_of(query, ReminderRule.minutes_before, ReminderRule.id, paging, descending=True)
    return found.of(lambda rows: [_listed(row) for row in rows])


def _listed(row: Any) -> Listed:
    return Listed(**{name: getattr(row, name) for name in Listed.__dataclass_fields__})


def rule(organisation_id: UUID, rule_id: UUID, actor: Actor) -> Listed:
    """Raises NotFound."""
    found = [one for one in rules(organisation_id, actor) if one.id == rule_id]
    if not found:
        raise NotFound
    return found[0]


def hours(organisation_id: UUID, actor: Actor) -> Hours:
    """Raises NotFound."""
    see(organisation_id, actor)
    row = db.session.execute(
        sa.select(ReminderSettings.quiet_from, ReminderSettings.quiet_to).where(
            ReminderSettings.organisation_id == organisation_id
        )
    ).one_or_none()
    return Hours(**row._mapping) if row else Hours(quiet.BEGIN, quiet.END)


def progress(organisation_id: UUID, actor: Actor) -> Progress | None:
    """None where rules never changed. Raises NotFound."""
    see(organisation_id, actor)
    last = db.session.scalars(
        sa.select(Replanning)
        .where(Replanning.organisation_id == organisation_id)
        .order_by(Replanning.created_at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    if last is None:
        return None
    is_done = last.finished_at is not None
    return Progress(last.created_at, is_done, last.planned, last.moved, last.withdrawn)


def see(organisation_id: UUID, actor: Actor) -> None:
    """Raises NotFound."""
    seen = sa.select(Organisation.id).where(Organisation.id == organisation_id, VISIBLE.to(actor))
    if db.session.scalar(seen) is None:
        raise NotFound
