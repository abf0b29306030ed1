"""A visit as a calendar file."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.appointments.reading import words
from clinic.appointments.reading.visit import Visit
from clinic.appointments.vocabulary import Status
from clinic.core.data.db import db

if TYPE_CHECKING:
    from icalendar import Alarm, Event


def file_of(visit: Visit) -> bytes:
    """The visit as an iCalendar file (RFC 5545): instants in UTC, no reason and no specialty.

    The same bytes each time until the visit changes: in a letter, and when it is downloaded.
    """
    from icalendar import Calendar  # here and below: few visits are taken along as a file

    calendar = Calendar()
    calendar.add("prodid", "-//clinic//appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method_of(visit))
    calendar.add_component(_event(visit))
    return calendar.to_ical()


def type_of(visit: Visit) -> str:
    """The media type the file travels with."""
    return f"text/calendar; charset=utf-8; method={method_of(visit)}"


def method_of(visit: Visit) -> str:
    return "CANCEL" if visit.status is Status.CANCELLED else "PUBLISH"


def _event(visit: Visit) -> "Event":
    from icalendar import Event

    replaced = _moves_before(visit)
    is_cancelled = visit.status is Status.CANCELLED
    event = Event()
    # The same for ever, even when the visit moves: a second import updates, not adds.
    event.add("uid", f"{[visit.id, *replaced][-1]}@clinic")
    # One more for each move, and for the cancellation that ends them: what is older never wins.
    event.add("sequence", len(replaced) + is_cancelled)
    event.add("dtstamp", visit.updated_at if is_cancelled else visit.created_at)
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.ends_at)
    event.add("summary", words.title(visit))
    event.add("location", words.place(visit))
    event.add("description", words.reference(visit))
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    if not is_cancelled:
        event.add_component(_alarm(visit))
    return event


def _alarm(visit: Visit) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words.alarm(visit))
    alarm.add("trigger", timedelta(hours=-3))
    return alarm


def _moves_before(visit: Visit) -> list[UUID]:
    """The visits it replaced one after another, newest first."""
    if visit.rescheduled_from_id is None:
        return []
    replaced = (
        sa.select(Appointment.id, Appointment.rescheduled_from_id, sa.literal(1).label("place"))
        .where(Appointment.id == visit.rescheduled_from_id)
        .cte("replaced", recursive=True)
    )
    older = sa.select(Appointment.id, Appointment.rescheduled_from_id, replaced.c.place + 1).where(
        Appointment.id == replaced.c.rescheduled_from_id
    )
    replaced = replaced.union_all(older)
    return list(db.session.scalars(sa.select(replaced.c.id).order_by(replaced.c.place)))
