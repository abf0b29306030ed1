"""Where a window is held, as somebody wrote it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.events.service import record_all
from clinic.organisations import queries as organisation_queries
from clinic.organisations import service as organisations
from clinic.organisations.errors import NameTaken
from clinic.organisations.models import Location
from clinic.schedules.facts import ScheduleWithdrawn
from clinic.schedules.models import Schedule


class Ended(NamedTuple):
    windows: Sequence[Schedule]
    still_planned: int  # of these: for today or later


def location_named(organisation_id: UUID, text: str | None, doctor_id: UUID, actor: Actor) -> UUID:
    """The organisation's location with that id or name; a new name becomes a new location.

    Without a text it is where the doctor has most windows, else the organisation's first.
    Raises NotFound for an id that is not one of their open ones. Belongs inside a command.
    """
    if not text or not text.strip():
        return _usual(organisation_id, doctor_id, actor)
    key = _uuid(text)
    if key is None:
        return _by_name(organisation_id, " ".join(text.split()), actor)
    known = sa.select(Location.id).where(Location.id == key, *_open(organisation_id))
    found = db.session.scalar(known)
    if found is None:
        raise NotFound
    return found


def _open(organisation_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return Location.organisation_id == organisation_id, Location.closed_at.is_(None)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _usual(organisation_id: UUID, doctor_id: UUID, actor: Actor) -> UUID:
    held = sa.and_(
        Schedule.location_id == Location.id,
        Schedule.doctor_id == doctor_id,
        Schedule.withdrawn_at.is_(None),
    )
    found = db.session.scalar(
        sa.select(Location.id)
        .outerjoin(Schedule, held)
        .where(*_open(organisation_id))
        .group_by(Location.id, Location.name)
        .order_by(sa.func.count(Schedule.id).desc(), Location.name)
        .limit(1)
    )
    if found:
        return found
    # An organisation that named no place yet works where its own name is on the door.
    name = organisation_queries.name_of(organisation_id)
    return _by_name(organisation_id, name or "", actor)


def _by_name(organisation_id: UUID, name: str, actor: Actor) -> UUID:
    found = _known(organisation_id, name)
    if found:
        return found
    try:
        return organisations.name_location(organisation_id, name, actor).id
    except NameTaken:  # by a colleague, at this instant
        found = _known(organisation_id, name)
        if found is None:
            raise
        return found


def _known(organisation_id: UUID, name: str) -> UUID | None:
    # In Python: SQLite folds ASCII alone.
    rows = db.session.execute(sa.select(Location.id, Location.name).where(*_open(organisation_id)))
    return next((row.id for row in rows if row.name.casefold() == name.casefold()), None)


def end_hours_at(location_id: UUID) -> Ended:
    """Withdraw all windows at a place that closes. Belongs inside a command that holds the diaries
    of its organisation, and is followed by `say_ended`."""
    rows = db.session.scalars(
        sa.select(Schedule)
        .where(Schedule.location_id == location_id, Schedule.withdrawn_at.is_(None))
        .order_by(Schedule.id)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return Ended((), 0)
    zone = clock.zone(organisation_queries.timezone_of(rows[0].organisation_id))
    today, moment = clock.now().astimezone(zone).date(), clock.now()
    for row in rows:
        row.withdrawn_at = moment
    db.session.flush()
    return Ended(rows, sum(_last_day(row) >= today for row in rows))


def _last_day(row: Schedule) -> date:
    return row.on_date or row.valid_until or date.max


def say_ended(ended: Ended) -> None:
    """What becomes of the visits was said with the place, so these keep what is left."""
    record_all(
        [
            ScheduleWithdrawn(
                organisation_id=row.organisation_id,
                schedule_id=row.id,
                doctor_id=row.doctor_id,
                visits="keep",
            )
            for row in ended.windows
        ],
        THE_SYSTEM,
    )
