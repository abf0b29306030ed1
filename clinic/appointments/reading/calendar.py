"""A visit as a calendar file."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.appointments.reading import words
from clinic.appointments.reading.visit import Visit
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db

if TYPE_CHECKING:
    from icalendar import Event


def file_of(visit: Visit) -> bytes:
    """The visit as an iCalendar file (RFC 5545): instants in UTC, no reason and no specialty."""
    from icalendar import Calendar  # here and below: few visits are taken along as a file

    calendar = Calendar()
    calendar.add("prodid", "-//clinic//appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(visit))
    return calendar.to_ical()


def _event(visit: Visit) -> "Event":
    from icalendar import Alarm, Event

    replaced = _moves_before(visit)
    event = Event()
    # The same for ever, even when the visit moves: a second import updates, not adds.
    event.add("uid", f"{[visit.id, *replaced][-1]}@clinic")
    event.add("sequence", len(replaced))
    event.add("dtstamp", clock.now())
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.ends_at)
    event.add("summary", words.title(visit))
    event.add("location", words.place(visit))
    event.add("description", words.reference(visit))
    event.add("status", "CANCELLED" if visit.status == Status.CANCELLED else "CONFIRMED")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words.alarm(visit))
    alarm.add("trigger", timedelta(hours=-3))
    event.add_component(alarm)
    return event


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
