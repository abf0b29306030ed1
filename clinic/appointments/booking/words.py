"""What is said while a visit is booked or moved."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_login import current_user

from clinic.appointments.offer.choice import Choice
from clinic.appointments.reading.own import Own
from clinic.appointments.reading.visit import Visit
from clinic.core import saying


def no_longer_free() -> str:
    return _("That time is no longer free. The nearest free times are below.")


def just_taken() -> str:
    return _("That time was just taken. The nearest free times are below.")


def booked_already(reference: str) -> str:
    if current_user.is_patient:
        return _("You booked this: %(reference)s. Nothing was booked twice.", reference=reference)
    return _("This visit is booked: %(reference)s. Nothing was booked twice.", reference=reference)


def busy(name: str) -> str:
    """At the desk, of the one for whom it is booked or moved."""
    return _("%(name)s has a visit at that time already.", name=name)


def near(one: Own, choice: Choice, name: str) -> str:
    """Before a second visit with the same doctor within a week. `name` is said at the desk."""
    when = saying.moment(one.starts_at, choice.zone)
    if current_user.is_patient:
        return _(
            "You have an appointment with %(doctor)s on %(when)s already (%(reference)s). Book"
            " this one too only if you need both.",
            doctor=choice.doctor,
            when=when,
            reference=one.code,
        )
    return _(
        "%(name)s has a visit with %(doctor)s on %(when)s already (%(reference)s). Book this"
        " one too only if both are needed.",
        name=name,
        doctor=choice.doctor,
        when=when,
        reference=one.code,
    )


def check_again() -> str:
    return _("This form was sent once before. Check it, then send it again.")


def who_books() -> str:
    return _(
        "Your account does not book appointments. Patients book their own, and the front desk"
        " books for them."
    )


def books_elsewhere(doctor: str) -> str:
    return _(
        "%(doctor)s works at another clinic. You can book with the doctors of your own.",
        doctor=doctor,
    )


def for_whom() -> str:
    return _("Choose whom the appointment is for.")


def week(first: date, last: date, this_year: int) -> str:
    """`Mon 16 Nov to Sun 22 Nov`"""
    days = {"first": saying.day(first, this_year), "last": saying.day(last, this_year)}
    return _("%(first)s to %(last)s", **days)


@dataclass(frozen=True, slots=True)
class Question:
    """Asked once before a visit moves."""

    ask: str
    yes: str
    no: str


def move(visit: Visit, picked: Choice) -> Question:
    """`Move from Mon 23 Nov, 13:30 to Tue 24 Nov, 09:40?`"""
    old = saying.moment(visit.starts_at, visit.zone)
    new = saying.moment(picked.start, picked.zone)
    return Question(
        ask=_("Move from %(old)s to %(new)s?", old=old, new=new),
        yes=_("Move to %(new)s", new=new),
        no=_("Keep %(old)s", old=old),
    )


def moved(visit: Visit) -> str:
    """`Moved to Tue 24 Nov, 09:30. The reference is YK5L8 now.`"""
    day, time = saying.day_of(visit.starts_at, visit.zone), saying.time(visit.starts_at, visit.zone)
    return _(
        "Moved to %(day)s, %(time)s. The reference is %(code)s now.",
        day=day,
        time=time,
        code=visit.code,
    )


def joined() -> str:
    return _("This person's two records were joined just now. Check, then book once more.")
