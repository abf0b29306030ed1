"""Where an account is signed in, and what is said once it is safer, or less so."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.accounts import words
from clinic.accounts.own.queries import Door
from clinic.core import clock, saying

PASSWORD_CHANGED = _l("Your password is changed. All other devices are signed out.")
DEVICE_SIGNED_OUT = _l("That device is signed out.")
OTHERS_SIGNED_OUT = _l("All other devices are signed out.")
TWO_FACTOR_OFF = _l("Two-factor is switched off.")


@dataclass(frozen=True, slots=True)
class DoorLine:
    """One browser or program that is signed in, with times in the account's zone."""

    id: UUID
    name: str
    is_program: bool
    is_this: bool
    since: str
    seen: str


def door_lines(doors: Iterable[Door], timezone: str) -> list[DoorLine]:
    zone = clock.zone(timezone)
    return [
        DoorLine(
            door.id,
            words.device(door.agent) or (_("A program") if door.is_program else _("A browser")),
            door.is_program,
            door.is_this,
            saying.moment(door.since, zone),
            saying.moment(door.seen, zone),
        )
        for door in doors
    ]
