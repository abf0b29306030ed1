"""What is said while a visit goes to another doctor."""

from collections.abc import Sequence

from flask_babel import gettext as _

from clinic.appointments.booking import words as booking
from clinic.appointments.booking.words import Question
from clinic.appointments.moving.colleagues import Colleague
from clinic.appointments.offer.choice import Choice
from clinic.appointments.reading.visit import Visit
from clinic.core import saying
from clinic.doctors.vocabulary import SPECIALISATIONS


def choices(visit: Visit, found: Sequence[Colleague]) -> list[tuple[str, str]]:
    """Ids and what a list says: `Dr Dev Patel (Cardiology), from Mon 16 Nov, 09:00`."""
    return [(str(one.id), _choice(visit, one)) for one in found]


def _choice(visit: Visit, one: Colleague) -> str:
    return _(
        "%(doctor)s (%(specialities)s), from %(when)s",
        doctor=one.name,
        specialities=", ".join(_(SPECIALISATIONS[slug]) for slug in one.specialities),
        when=saying.moment(one.next_free, visit.zone),
    )


def question(visit: Visit, picked: Choice) -> Question:
    """Asked once before a visit moves; of another doctor it says whom the patient will see."""
    if picked.doctor_id == visit.doctor_id:
        return booking.move(visit, picked)
    old = saying.moment(visit.starts_at, visit.zone)
    new = saying.moment(picked.start, picked.zone)
    return Question(
        ask=_(
            "Move from %(old)s to %(new)s with %(doctor)s?", old=old, new=new, doctor=picked.doctor
        ),
        yes=_("Move to %(doctor)s, %(new)s", doctor=picked.doctor, new=new),
        no=_("Keep %(old)s", old=old),
    )


def moved(visit: Visit, before: Visit) -> str:
    """What was done, of a visit that went to another doctor with their name."""
    if visit.doctor_id == before.doctor_id:
        return booking.moved(visit)
    return _(
        "Moved to %(doctor)s, %(when)s. The reference is %(code)s now.",
        doctor=visit.doctor,
        when=saying.moment(visit.starts_at, visit.zone),
        code=visit.code,
    )


def overtaken(visit: Visit) -> str:
    """For whoever wanted something else with a visit that somebody else moved meanwhile."""
    return _(
        "Somebody moved it meanwhile: to %(doctor)s, %(when)s. The reference is %(code)s now.",
        doctor=visit.doctor,
        when=saying.moment(visit.starts_at, visit.zone),
        code=visit.code,
    )
