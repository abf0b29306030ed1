"""What is said while a visit is booked or moved."""

from flask_babel import gettext as _

from clinic.appointments.reading.visit import Visit
from clinic.core import saying


def no_longer_free() -> str:
    return _("That time is no longer free. The nearest free times are below.")


def just_taken() -> str:
    return _("That time was just taken. The nearest free times are below.")


def for_whom() -> str:
    return _("Choose whom the appointment is for.")


def moved(visit: Visit) -> str:
    """`Moved to Tue 24 Nov, 09:30.`"""
    day, time = saying.day_of(visit.starts_at, visit.zone), saying.time(visit.starts_at, visit.zone)
    return _("Moved to %(day)s, %(time)s.", day=day, time=time)
