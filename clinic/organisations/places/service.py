"""Rename and close places."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, NotFound
from clinic.core.fields import read
from clinic.events.service import record
from clinic.organisations import rules, service
from clinic.organisations.errors import NameTaken
from clinic.organisations.facts import LocationClosed
from clinic.organisations.models import LONGEST_ADDRESS, Location

_KINDS = {"name": rules.PLACE_NAME, "address": rules.line(LONGEST_ADDRESS, least=0)}


@transactional
def change(
    organisation_id: UUID, location_id: UUID, changes: Mapping[str, str], actor: Actor
) -> None:
    """`changes`: name, address. Visits booked there say the new ones. Raises NotFound, Invalid;
    NameTaken for the name of another open place.
    """
    service.held(organisation_id, actor)
    place = _open(organisation_id, location_id)
    wanted = {key: read(key, _KINDS[key], value) for key, value in changes.items()}
    if all(getattr(place, key) == value for key, value in wanted.items()):
        return
    try:
        with db.session.begin_nested():
            for key, value in wanted.items():
                setattr(place, key, value)
    except sa.exc.IntegrityError:
        raise NameTaken(N_("Another place of yours has this name")) from None
    service.say_updated(organisation_id, actor)


@transactional
def close(
    organisation_id: UUID, location_id: UUID, actor: Actor, visits: str | None = None
) -> None:
    """Nobody has hours there any more, and its name is free.

    `visits` says what becomes of those to come: keep, cancel or move. Raises NotFound; PlaceInUse
    where there are some and it is None.
    """
    service.hold_diaries(organisation_id)
    service.held(organisation_id, actor)
    place = _open(organisation_id, location_id)
    place.closed_at = clock.now()
    db.session.flush()
    closed = LocationClosed(organisation_id=organisation_id, location_id=location_id, visits=visits)
    record(closed, actor)
    service.say_updated(organisation_id, actor)


def _open(organisation_id: UUID, location_id: UUID) -> Location:
    place = db.session.scalar(
        sa.select(Location)
        .where(
            Location.id == location_id,
            Location.organisation_id == organisation_id,
            Location.closed_at.is_(None),
        )
        .execution_options(populate_existing=True)
    )
    if place is None:
        raise NotFound
    return place
