"""How a patient is written to, for whoever looks them up at work."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from clinic.core import clock
from clinic.messaging.queueing import queries as messaging
from clinic.messaging.queueing.queries import Stop
from clinic.messaging.queueing.reach import Reach
from clinic.organisations import queries as organisations
from clinic.patients.people.queries import Record


@dataclass(frozen=True, slots=True)
class Stopped:
    """What keeps texts from the number that is used, and where messages go instead.

    `instead` is a channel and an address; None where nothing reaches the person.
    """

    stops: tuple[Stop, ...]
    zone: ZoneInfo
    has_login: bool
    our_number: str | None
    instead: tuple[str, str] | None


def stopped(person: Record) -> Stopped | None:
    """None where texts go as they should."""
    found = messaging.stops_at(person.phone, person.organisation_id)
    if not found:
        return None
    place, able = person.organisation_id, messaging.ways(person.organisation_id)
    said = messaging.as_said(found)
    reach = Reach(person.phone, person.email, said, messaging.order_at(place))
    channel, address = reach.way(person.channel or "sms", able)
    goes = channel in able and address and reach.by(channel) == address
    return Stopped(
        stops=tuple(found),
        zone=clock.zone(organisations.timezone_of(place) if place else "UTC"),
        has_login=person.has_login,
        our_number=messaging.number_for_answers(),
        instead=(channel, address) if goes else None,
    )
