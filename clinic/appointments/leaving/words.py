"""What the desk reads of visits whose doctor left."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _

from clinic.appointments.reading.visit import Visit
from clinic.core import saying


@dataclass(frozen=True, slots=True)
class Line:
    id: UUID
    day: date
    when: str
    patient: str
    doctor: str
    place: str
    code: str


def line(visit: Visit) -> Line:
    return Line(
        visit.id,
        visit.starts_on,
        saying.moment(visit.starts_at, visit.zone),
        visit.patient,
        visit.doctor,
        visit.place,
        visit.code,
    )


def handed_over(visit: Visit) -> str:
    """As it stands now, whoever of two at the desk it was."""
    return _(
        "%(patient)s now comes to %(doctor)s, %(when)s.",
        patient=visit.patient,
        doctor=visit.doctor,
        when=saying.moment(visit.starts_at, visit.zone),
    )
