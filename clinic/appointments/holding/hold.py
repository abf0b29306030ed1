"""A stranger's visit is held until a code comes back, and strangers together hold few.

Proven are accounts with an address that a code or a link came back from. Decision 0032.
"""

import ipaddress
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
import structlog

from clinic.access.actor import Actor
from clinic.accounts.proof import limits
from clinic.appointments.errors import NotProven, TooManyUnproven
from clinic.appointments.holding import code
from clinic.appointments.holding.deadline import HOLD
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data.db import db, must_be_writing
from clinic.core.errors import TooMany

log = structlog.get_logger()

MOST_OF_DOCTOR = 5  # at a time: who enters a code or is answered for does not count any more
SITE_V4, SITE_V6 = 24, 48  # bits: what one person can easily have all of
OUTSIDE = ("link", "reply")  # both reached nobody but who has the address


def is_held() -> sa.ColumnElement[bool]:
    """Of visits to come."""
    return sa.and_(Appointment.held_until.is_not(None), Appointment.status.in_(sorted(UPCOMING)))


def is_vouched_by(actor: Actor) -> bool:
    """Is a step of theirs as good as a code? The clinic's own people answer for whom they let
    in; a link and an answer come from the address. A page of the account's own does not.
    """
    return not actor.is_patient or actor.via in OUTSIDE


def refuse_second(coming: int) -> None:
    """Who has proven nothing has one visit to come. Raises NotProven."""
    if coming:
        raise NotProven


def begin(visit: Appointment, client: str) -> datetime | None:
    """How long a new visit is held that nobody answers for; its code is sent along.

    None where the account was proven in this moment. Call it with doctor and patient locked.
    Raises TooManyUnproven; TooMany for an account that asks for code after code.
    """
    must_be_writing()
    person = code.locked(visit.patient_id)
    if person.is_proven:
        return None
    _refuse_crowd(visit.doctor_id, client)
    code.send_along(person, visit.channel, client)
    return clock.now() + HOLD


def _refuse_crowd(doctor_id: UUID, client: str) -> None:
    """Accounts cost nothing, so they are counted by doctor, and by where they come from."""
    held = sa.select(sa.func.count()).where(Appointment.doctor_id == doctor_id, is_held())
    if (db.session.scalar(held) or 0) >= MOST_OF_DOCTOR:
        _sound("doctor")
        raise TooManyUnproven(int(HOLD.total_seconds()))
    try:
        limits.count_try("held", site_of(client), str(doctor_id))
    except TooMany as error:
        _sound("address")
        raise TooManyUnproven(error.retry_after_s) from None


def site_of(address: str) -> str:
    """The network whose addresses one person may have: of IPv4 a /24, of IPv6 a /48.

    `address` as `client_address` gives it: of IPv6 a /64 already.
    """
    try:
        given = ipaddress.ip_network(address)
    except ValueError:
        return address
    bits = SITE_V4 if given.version == 4 else SITE_V6
    return str(given.supernet(new_prefix=bits))


def _sound(bound: str) -> None:
    """Whoever runs this sees it: no honest morning looks like that, or the bounds are too low."""
    from clinic.core.watch import metrics  # here: workers, who never refuse a booking, need it not

    metrics.BOOKINGS_REFUSED.labels(bound).inc()
    log.warning("unproven_bookings_refused", bound=bound)


def gauges() -> dict[str, float]:
    """How many are held, and of how many no code could be sent in time: the desk must call."""
    now = clock.now()
    late = sa.func.count().filter(Appointment.held_until <= now, Appointment.starts_at > now)
    row = db.session.execute(sa.select(sa.func.count(), late).where(is_held())).one()
    return {"visits_held": row[0], "visits_not_proven": row[1]}
