"""Where a window is held, as somebody wrote it."""

from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.organisations import queries as organisation_queries
from clinic.organisations import service as organisations
from clinic.organisations.errors import NameTaken
from clinic.organisations.models import Location
from clinic.schedules.models import Schedule


def location_named(organisation_id: UUID, text: str | None, doctor_id: UUID, actor: Actor) -> UUID:
    """The organisation's location with that id or name; a new name becomes a new location.

    Without a text it is where the doctor has most windows, else the organisation's first.
    Raises NotFound for an id that is not one of theirs. Belongs inside a command.
    """
    if not text or not text.strip():
        return _usual(organisation_id, doctor_id, actor)
    key = _uuid(text)
    if key is None:
        return _by_name(organisation_id, " ".join(text.split()), actor)
    known = sa.select(Location.id).where(
        Location.id == key, Location.organisation_id == organisation_id
    )
    found = db.session.scalar(known)
    if found is None:
        raise NotFound
    return found


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
        .where(Location.organisation_id == organisation_id)
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
    rows = db.session.execute(
        sa.select(Location.id, Location.name).where(Location.organisation_id == organisation_id)
    )
    return next((row.id for row in rows if row.name.casefold() == name.casefold()), None)
