"""What the desk reads of deaths it has to say yes or no to."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core import clock, saying
from clinic.patients.people.queries import Record

CONFIRMED = _l("Noted. Nothing more is sent to this person from here.")
DISMISSED = _l("Noted. Reminders of what is to come are planned.")


@dataclass(frozen=True, slots=True)
class DeathLine:
    id: UUID
    name: str
    record_number: str | None
    why: str
    yes: str
    no: str


def line(one: Record) -> DeathLine:
    day = one.death_noted_elsewhere or one.died_on
    said = saying.day(day, clock.now().year) if day else ""
    if one.death_noted_elsewhere:
        why = _("Another organisation notes that they died on %(day)s.", day=said)
        yes = _("Yes, they died")
    else:
        why = _("You noted that they died on %(day)s. They logged in after that.", day=said)
        yes = _("It is right")
    return DeathLine(one.id, one.full_name, one.record_number, why, yes, _("No, they are alive"))
