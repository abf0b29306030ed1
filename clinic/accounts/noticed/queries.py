"""How many sign-ins were refused of late."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import ACT_EVERYWHERE
from clinic.accounts.facts import UserCodeRefused, UserLockedOut, UserLoginRefused
from clinic.accounts.models import FailedTry
from clinic.core import clock
from clinic.core.data.db import db
from clinic.events.models import EventRow

OF_LATE = timedelta(hours=1)
KINDS = ("login", "login_known", "otp")
REFUSED = (UserLoginRefused.name, UserCodeRefused.name)


@dataclass(frozen=True, slots=True)
class Refused:
    """Of the last hour: tries that were refused, and accounts that reached their limit."""

    tries: int
    locked: int


def refused(actor: Actor) -> Refused:
    """Everybody's for superadmins; else what is noted of the organisation's own people."""
    if actor.may(ACT_EVERYWHERE):
        return Refused(_tries(), _events((UserLockedOut.name,)))
    own = EventRow.organisation_id == actor.organisation_id
    return Refused(_events(REFUSED, own), _events((UserLockedOut.name,), own))


def _tries() -> int:
    counted = sa.select(sa.func.count()).where(
        FailedTry.kind.in_(KINDS), FailedTry.at > clock.now() - OF_LATE
    )
    return db.session.scalar(counted) or 0


def _events(names: tuple[str, ...], *only: sa.ColumnElement[bool]) -> int:
    counted = sa.select(sa.func.count()).where(
        EventRow.name.in_(names), EventRow.at > clock.now() - OF_LATE, *only
    )
    return db.session.scalar(counted) or 0
